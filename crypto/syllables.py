"""The 1024 syllables of receipt codes and offered passphrases; made by scripts/make_syllables.py."""

from __future__ import annotations

SYLLABLES = tuple(
    """
    ba bach bai bam bang banh bao bap bau bay be bec bech bem ben beng
    beo bep bet beu bi bia bich biem biep biet bieu bin binh bip bit biu
    boc boi bom bon bong bot buc bum bun bung buoc buon buot bup but ca
    cach can cang canh cao cap cat cau cay cha chac chai cham chan chao chap
    chat chau chec chen cheo chep cheu chia chin chip chit chiu choa choc choe choi
    chom chon chop chot chu chua chuc chue chum chun chup chut chuy co coa coai
    coan coat coc coe coi com con cop cot cua cuan cuat cue cui cun cung
    cuoc cuoi cuom cuon cuot cup cuy da dac dach dao dat day de dec dem
    den deng denh dep det deu diep dieu dim din dinh dip diu do doa doai
    doan doat doc doe don dop dot dua duat duc due dui dum dun duoc duoi
    duom duon duot dup dut duy ga gac gach gam gan gang ganh gao gap gat
    gau gay ghec ghem ghen gheo ghep ghet gheu ghi ghia ghim ghin ghip ghit ghiu
    go goa goai goan goat goc goe goi gom gon gong gop got gu gua guan
    guat guc gue gui gum gun gung guoc guoi guom guon guot gup gut guy hac
    hach hanh hao hap hat hau hay he hec hech hem heng henh heo hep het
    heu hi hia hich hiem hien hiet hieu him hin hinh hip hit hiu hoa hoai
    hoan hoat hoc hom hong hop hu hua huan huat huc hue hum hun hung huoc
    huoi huom huon huot hup hut huy ke kec kech kem ken keng kenh keo kep
    ket keu kha khai kham khan khao khap khat khau khay khe khec khem khen kheo
    khep khet kheu khi khia khim khin khip khit khiu kho khoa khoc khoe khoi khom
    khop khot khu khua khuc khue khui khum khun khup khut khuy ki kia kich kiem
    kien kiep kiet kieu kim kin kinh kip kit kiu la lac lach lai lam lan
    lang lap lat lau lay lec lech lem len leng lenh leo lep let leu li
    lia lich lien liep lim lin linh lip lit liu loa loai loat loc loe lom
    long lop lot lu luan luc lue lum lun lung luoc luoi luom luon luot lup
    lut luy mac mach mam man mang manh mao map mau may me mec mech mem
    men meng menh meo mep met meu mi mia mich miem mien miep miet mieu mim
    min mip mit miu mo moc moi mom mon mop mot muc mui mum mun mung
    muoc muoi muom muon muot mup mut na nac nach nai nan nang nanh nao nap
    nat nau nay ne nec nech nem nen neng nenh neo nep net neu ngac ngai
    ngam ngan ngao ngap ngat ngau ngay nghe ngo ngoa ngoe ngoi ngom ngon ngop ngot
    ngua nguc ngue ngui ngum ngun ngup ngut nha nhai nham nhan nhao nhap nhau nhay
    nhe nhec nhem nhen nheo nhep nhet nheu nhi nhia nhim nhin nhip nhit nhiu nhoa
    nhoc nhoe nhoi nhom nhon nhop nhu nhua nhue nhui nhum nhun nhup nhut nhuy ni
    nia nich niem nien niep niet nieu nim nin ninh nit niu no noa noai noan
    noat noc noe noi nom non nong nop not nu nua nuan nuat nuc nue nui
    num nun nuoc nuoi nuom nuon nuot nup nuy pha phac phai pham phao phap phau
    phay phec phem phen pheo phep pheu phi phia phim phin phip phit phiu pho phoc
    phoi phom phon phop phot phu phua phuc phui phum phun phup phut qua quac quai
    quam quan quao quap quat quau quay quec quem quen queo quep quet queu qui quia
    quim quin quip quit quiu ra rach rai ram rang ranh rao rap rat rau ray
    re rec rech rem ren reng renh reo rep ret reu ri ria rich riem rien
    riep riet rieu rim rin rinh rip rit riu ro roa roai roan roat roc roe
    roi rom ron rong rop rot ru ruan ruat rue rui rum run rung ruoc ruoi
    ruom ruon ruot rup rut ruy sa sach sam san sang sanh sap sau se sec
    sech sem sen seng senh seo sep set seu si sia sich siem sien siep siet
    sieu sim sin sinh sip sit siu so soa soai soan soat soc soe soi som
    son song sop sot su sua suan suat sue sui sum sun sung suoc suoi suom
    suon suot sup sut ta tac tach tai tan tanh tao tap tat tay tec tech
    tem ten teng tenh teo tep tet teu tha thac thai than thao thap thau thay
    the thec them then theo thep thet theu thi thia thim thin thip thit thiu tho
    thoa thoc thoe thom thon thop thot thua thuc thue thum thun thup thut ti tia
    tich tiem tien tiep tiet tieu tim tin tinh tip tiu to toai toan toat toc
    toe tom top tot tra trac trai tram tran trao trap trat trau tray tre trec
    trem tren treo trep tret treu tri tria trim trin trip trit triu tro troa troc
    troe troi trop trot tru trua truc true trum trun trup trut truy tua tuan tuat
    tuc tue tui tum tun tuoc tuoi tuom tuon tuot tup tut tuy va vac vach
    vai vam vang vanh vao vap vat vau vay ve vec vech vem ven veng venh
    veo vep vet veu vi via vich viem vien viep viet vieu vim vin vinh vip
    vit viu vo voc voi vom von vong vop vot vuc vui vum vun vung vuoc
    vuoi vuom vuon vuot vup vut xa xach xai xam xan xang xanh xao xap xat
    xay xe xec xech xem xen xeng xenh xeo xep xeu xi xia xich xiem xien
    xiep xiet xieu xim xin xinh xip xit xiu xo xoa xoai xoan xoat xoc xoe
    xoi xom xon xong xop xot xua xuan xuat xuc xue xum xun xup xut xuy
    """.split()
)
