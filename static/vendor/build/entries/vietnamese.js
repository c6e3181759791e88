// A small Vietnamese pack, commonest first, without marks as such passphrases are mostly typed. Written for this project:
// zxcvbn-ts has no Vietnamese one. Family and given names, towns, and the phrases that everybody thinks of.
export const vietnamese = `matkhau anhyeuem emyeuanh iloveyou yeuem yeuanh mayman hanhphuc tinhyeu nguyen tran le pham hoang huynh phan vu vo
dang bui do ho ngo duong ly vietnam hanoi saigon danang haiphong cantho hue dalat nhatrang vungtau thanhpho hochiminh sonla
dienbien laichau thaibinh namdinh ninhbinh nghean hatinh thanhhoa quangninh quangnam quangngai binhdinh khanhhoa daklak gialai
lamdong dongnai binhduong longan tiengiang bentre travinh vinhlong dongthap angiang kiengiang haugiang soctrang baclieu camau
anh em yeu minh ban nha gia dinh bo me con chau ong ba chi co chu bac trai gai vo chong tuan hung dung cuong hai nam long son
thang duc quang huy khanh khoa kien lam linh lan mai huong hoa hong hanh hang ha thu thuy trang trinh tuyet van vy yen ngoc
nga nhung oanh phuong quynh tam thao thanh thinh tho toan trung truong tu viet vinh xuan tet lich su dan toc doc lap tu do
songnui quehuong tinhban congty coquan tinhuy dangvien canbo kiemtra thanhtra uyban nhandan chinhquyen bimat totnhat motnguoi
motngay haingay mothaiba motlan xinchao camon tambiet chucmung nammoi mua xuan ha thu dong sang trua chieu toi dem ngay thang
nam gio phut giay rong ho ga cho meo trau ngua chim ca hoa sen bau bi lua gao com pho bun cha ca phe tra sua`.split(/\s+/);
