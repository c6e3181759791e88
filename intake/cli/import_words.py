"""What `org import` says: Vietnamese and English for every fault, difference and lack, by the codes of `workflow`."""

from __future__ import annotations

from collections.abc import Mapping

NOUNS = {
    "bodies": ("cơ quan", "body"),
    "units": ("đơn vị", "unit"),
    "people": ("người", "person"),
    "seats": ("vị trí", "seat"),
    "sets": ("nhóm giữ khóa", "custodian set"),
}
STEPS = {
    "added": ("+", "thêm", "added"),
    "changed": ("!", "đổi", "changed"),
    "prolonged": ("!", "kéo dài", "goes on"),
    "ended": ("-", "kết thúc", "ends"),
    "dropped": ("-", "bỏ trước khi bắt đầu", "taken out before it begins"),
}
FIRST, LAST = ("từ", "from"), ("đến hết", "until the end of")
FIELDS = {
    "administrator": ("quản trị", "administrator"),
    "body": ("thuộc", "body"),
    "function": ("chức năng", "function"),
    "k": ("số người cùng mở", "k"),
    "kind": ("loại", "kind"),
    "level": ("cấp", "level"),
    "mail": ("thư điện tử", "mail"),
    "members": ("thành viên", "members"),
    "name": ("tên", "name"),
    "parent": ("cấp trên", "parent"),
    "purpose": ("để giữ", "purpose"),
    "quorum": ("số người tối thiểu", "quorum"),
    "roles": ("vai trò", "roles"),
    "single": ("một người", "single"),
    "supervisor": ("giám sát", "supervisor"),
    "username": ("tên đăng nhập", "username"),
    "version": ("bản", "version"),
}
YES, NO = ("có", "yes"), ("không", "no")
# what can be wrong with a file: what happened, and what to do
FAULTS = {
    # The file
    "too_large": ("tệp quá lớn; chia thành nhiều tệp", "the file is too large; split it"),
    "not_utf8": ("không phải UTF-8; lưu lại tệp bằng UTF-8", "not UTF-8; save the file as UTF-8"),
    "not_text": ("có ký tự điều khiển; xóa ký tự đó", "holds a control character; delete it"),
    "empty": ("tệp trống", "the file is empty"),
    "two_documents": ("chỉ một tài liệu trong một tệp; bỏ dòng ---", "one document in a file; remove the line ---"),
    "not_yaml": ("không đọc được YAML ở đây; xem lại thụt lề, dấu ngoặc", "not YAML here; check indent and brackets"),
    "alias": ("không dùng & và *; viết lại nội dung", "anchors and aliases (& and *) are not used; write it out"),
    "tag": ("không dùng thẻ !; bỏ thẻ", "tags (!) are not used; remove it"),
    "too_deep": ("lồng quá sâu", "nested too deep"),
    "not_a_name": ("tên trường phải là chữ", "the name of a field has to be a word"),
    "no_sections": (
        "tệp phải có các mục bodies, units, people, seats, sets",
        "the file has to hold sections: bodies, units, people, seats, sets",
    ),
    "missing_section": (
        "với --whole tệp phải có mục này; nếu không có gì, viết []",
        "with --whole this section has to be there; write [] if there is nothing",
    ),
    # A row by itself
    "twice": ("trường có hai lần; xóa một", "the field stands twice; delete one"),
    "unknown_field": ("không có trường này; xem lại tên trường", "no such field; check its name"),
    "missing_field": ("thiếu trường này, cần cho dòng mới", "this field is missing; a new row needs it"),
    "not_a_list": ("phải là danh sách", "has to be a list"),
    "not_a_row": ("phải là các trường có tên", "has to be named fields"),
    "not_one_of": ("phải là một trong các giá trị", "has to be one of these"),
    "not_a_date": ("phải là ngày, dạng 2026-01-31", "has to be a date like 2026-01-31"),
    "far_day": (
        "ngày phải từ 1900 đến 2999; nếu không có ngày cuối thì bỏ trường này",
        "the day has to be between 1900 and 2999; leave the field out if there is no end",
    ),
    "not_a_number": ("phải là số nguyên", "has to be a whole number"),
    "too_small": ("số quá nhỏ", "the number is too small"),
    "too_large_number": ("số quá lớn", "the number is too large"),
    "not_yes_or_no": ("phải là true hoặc false", "has to be true or false"),
    "not_words": ("phải là chữ; đặt trong dấu ngoặc kép", "has to be text; put it in quotation marks"),
    "too_long": ("dài quá", "is too long"),
    "too_short": ("không được để trống", "may not be empty"),
    "bad_form": (
        "sai dạng: mã cơ quan như UBKT-S, mã người như P-001, tên đăng nhập chữ thường không dấu",
        "is not of its form: bodies like UBKT-S, people like P-001, user names in small letters without marks",
    ),
    "cannot_be_read": ("không đọc được", "can't be read"),
    "ends_before_it_begins": ("kết thúc trước khi bắt đầu", "ends before it begins"),
    "no_name": ("tên phải có cả vi và en", "the name is needed in both languages, vi and en"),
    "single_quorum": (
        "cơ quan một người (single) có quorum là 1",
        "a body of one person (single) has a quorum of 1",
    ),
    "few_custodians": ("nhóm giữ khóa cần ít nhất 4 người", "a custodian set needs at least 4 people"),
    "bad_threshold": (
        "k phải từ 2 đến ít hơn số thành viên",
        "k has to be at least 2 and less than the number of members",
    ),
    "not_so_many": (
        "n khác số thành viên; bỏ n hoặc sửa",
        "n is not the number of members; leave n out, or correct it",
    ),
    # A row beside others
    "said_twice": (
        "đã nói ở một dòng khác cho cùng thời gian; chỉ giữ một, hoặc ghi ngày kết thúc cho dòng trước",
        "another row says something of the same time; keep one, or give the earlier one its last day",
    ),
    "before_the_day": (
        "sửa điều đã qua; dùng --from với ngày này hoặc sớm hơn",
        "changes what is past; use --from with this day or an earlier one",
    ),
    "held_already": (
        "đã có hiệu lực trước hôm nay, không xóa được; cho kết thúc, với --from sau ngày này",
        "has been so before today and can't be taken out; let it end, with --from after this day",
    ),
    "unknown_parent": ("cấp trên không có vào ngày này", "there is no such parent on this day"),
    "others_below": (
        "cơ quan này kết thúc nhưng còn cấp dưới; chuyển cấp dưới trước",
        "it ends while others are below it; move those first",
    ),
    "parent_below": ("cấp trên có level thấp hơn", "the parent's level is lower than its own"),
    "circle": ("cấp trên đi thành vòng", "the parents go in a circle"),
    "unknown_body": ("không có cơ quan này vào ngày này", "there is no such body on this day"),
    "unknown_person": ("không có người này; thêm vào mục people", "no such person; add them to the section people"),
    "username_taken": ("tên đăng nhập đã có người dùng", "the user name is somebody else's"),
    "username_fixed": (
        "tên đăng nhập không đổi được sau khi đã đăng ký; giữ tên này",
        "the user name can't change after enrolment; keep this one",
    ),
    "no_administrator": ("sẽ không còn quản trị viên nào", "no administrator would be left"),
    "version_fixed": (
        "bản đã có không đổi được; ghi bản này hoặc bỏ version",
        "a version never changes; give this one, or leave version out",
    ),
    "version_passed": ("đã có bản mới hơn; ghi bản này", "there is a newer version; give this one"),
    "before_its_version": (
        "bản hiện có bắt đầu sau đó; dùng ngày này hoặc muộn hơn",
        "the version there is begins later; use this day or a later one",
    ),
    "administrator_handles": (
        "quản trị viên không được xử lý hồ sơ; bỏ vai trò hoặc quyền quản trị",
        "an administrator handles no cases; take away the roles or the duty",
    ),
    "custodian_handles": (
        "người giữ khóa không được xử lý hồ sơ; chọn người khác",
        "a custodian handles no cases; choose somebody else",
    ),
}
ABOUT = {"no_set": "cấp (level) "}
LACKS = {
    "nobody_handles": (
        "nơi nhận hồ sơ mà không ai có vai trò xử lý",
        "cases can come here, and nobody has a handling role",
    ),
    "no_head": ("không có người đứng đầu", "has no head"),
    "no_quorum": (
        "không đủ người nhận hồ sơ, hoặc thiếu người đứng đầu, cấp phó",
        "below its quorum, or without head and deputy",
    ),
    "nobody_enrolled": ("chưa ai đăng ký", "nobody has enrolled"),
    "few_enrolled": (
        "chưa đủ người đăng ký, hoặc thiếu người đứng đầu, cấp phó",
        "too few have enrolled, or no head or deputy",
    ),
    "body_ended": (
        "đã kết thúc, còn vị trí cho hồ sơ đang mở; cho kết thúc khi xong",
        "has ended, and seats go on for its open cases; end them once those are closed",
    ),
    "no_set": ("không có nhóm giữ khóa nào", "has no custodian set"),
    "set_below_threshold": ("nhóm giữ khóa dưới ngưỡng đăng ký", "fewer custodians have enrolled than open together"),
    "set_waits": ("nhóm giữ khóa chờ mọi người đăng ký", "the set serves once all its people have enrolled"),
}


def said(pairs: Mapping[str, tuple[str, str]], code: str) -> str:
    """Both languages of a code, as a terminal shows them."""
    vi, en = pairs[code]
    return f"{vi} ({en})"
