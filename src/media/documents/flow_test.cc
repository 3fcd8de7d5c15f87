// Documents that flow: HTML, DOCX and mail.
#include <zlib.h>

#include "media/documents/test_files.h"

namespace tenfold::media::documents {
namespace {

using Rows = std::vector<std::string>;

void add_number(std::string& to, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) to += static_cast<char>(i < 8 ? value >> (8 * i) & 0xFF : 0);
}

/// A ZIP archive of deflated members.
std::string make_zip(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string out, directory;
  for (const auto& [name, text] : members) {
    uLong room = compressBound(static_cast<uLong>(text.size()));
    std::string packed(room, '\0');
    compress2(reinterpret_cast<Bytef*>(packed.data()), &room, reinterpret_cast<const Bytef*>(text.data()),
              static_cast<uLong>(text.size()), 9);
    packed = packed.substr(2, room - 6);  // without zlib's head and checksum
    const auto check = crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size()));
    std::string common;  // version, flags, method, time, date, checksum, sizes, lengths of name and extra
    add_number(common, 20, 2), add_number(common, 0, 2), add_number(common, 8, 2), add_number(common, 0, 4);
    add_number(common, check, 4), add_number(common, packed.size(), 4), add_number(common, text.size(), 4);
    add_number(common, name.size(), 2), add_number(common, 0, 2);
    directory += "PK\x01\x02" + std::string("\x14\0", 2) + common;
    add_number(directory, 0, 10), add_number(directory, out.size(), 4);
    directory += name;
    out += "PK\x03\x04" + common + name + packed;
  }
  const std::size_t start = out.size();
  out += directory + "PK\x05\x06";
  add_number(out, 0, 4), add_number(out, members.size(), 2), add_number(out, members.size(), 2);
  add_number(out, directory.size(), 4), add_number(out, start, 4), add_number(out, 0, 2);
  return out;
}

constexpr const char* kTypes = R"(<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>)";

std::string word(const std::string& root, const std::string& body) {
  return "<?xml version=\"1.0\"?><w:" + root +
         " xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" xmlns:r=\"r\" xmlns:mc=\"mc\">" +
         body + "</w:" + root + ">";
}

std::string paragraph(const std::string& text, const std::string& properties = "") {
  return "<w:p><w:pPr>" + properties + "</w:pPr><w:r><w:t xml:space=\"preserve\">" + text + "</w:t></w:r></w:p>";
}

std::string make_docx(const std::string& body) {
  return make_zip(
      {{"[Content_Types].xml", kTypes},
       {"word/document.xml", word("document", "<w:body>" + body + "</w:body>")},
       {"word/styles.xml",
        word("styles", "<w:style w:styleId=\"berschrift1\"><w:name w:val=\"heading 1\"/></w:style>")},
       {"word/numbering.xml",
        word("numbering",
             "<w:abstractNum w:abstractNumId=\"0\"><w:lvl w:ilvl=\"0\"><w:start w:val=\"1\"/><w:numFmt "
             "w:val=\"decimal\"/><w:lvlText w:val=\"%1.\"/></w:lvl><w:lvl w:ilvl=\"1\"><w:start "
             "w:val=\"1\"/><w:numFmt w:val=\"lowerLetter\"/><w:lvlText w:val=\"%1(%2)\"/></w:lvl>"
             "</w:abstractNum><w:num w:numId=\"7\"><w:abstractNumId w:val=\"0\"/></w:num>")},
       {"word/footnotes.xml",
        word("footnotes", "<w:footnote w:type=\"separator\" w:id=\"-1\">" + paragraph("---") +
                              "</w:footnote><w:footnote w:id=\"1\">" + paragraph("As amended.") + "</w:footnote>")},
       {"word/header1.xml", word("hdr", paragraph("Draft 3"))},
       {"word/_rels/document.xml.rels",
        R"(<Relationships><Relationship Id="r9" Target="https://example.org/terms"/></Relationships>)"},
       {"docProps/core.xml",
        R"(<cp:coreProperties xmlns:cp="c" xmlns:dc="d" xmlns:dcterms="t"><dc:title>Lease</dc:title>)"
        R"(<dcterms:created>2024-03-01T10:00:00Z</dcterms:created></cp:coreProperties>)"}});
}

const std::string kBody =
    paragraph("Lease", "<w:pStyle w:val=\"berschrift1\"/>") +
    paragraph("Parties", "<w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"7\"/></w:numPr>") +
    paragraph("the landlord", "<w:numPr><w:ilvl w:val=\"1\"/><w:numId w:val=\"7\"/></w:numPr>") +
    paragraph("the tenant", "<w:numPr><w:ilvl w:val=\"1\"/><w:numId w:val=\"7\"/></w:numPr>") +
    paragraph("Rent", "<w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"7\"/></w:numPr>") +
    "<w:p><w:r><w:t>See the </w:t></w:r><w:hyperlink r:id=\"r9\"><w:r><w:t>terms</w:t></w:r></w:hyperlink>"
    "<w:r><w:t>.</w:t></w:r><w:del><w:r><w:delText>gone</w:delText><w:t>gone</w:t></w:r></w:del></w:p>"
    "<w:tbl><w:tr><w:tc>" +
    paragraph("Month") + "</w:tc><w:tc>" + paragraph("Euro") + "</w:tc></w:tr><w:tr><w:tc>" + paragraph("May") +
    "</w:tc><w:tc>" + paragraph("900") + paragraph("net") + "</w:tc></w:tr></w:tbl>";

TEST(Docx, has_headings_numbers_links_tables_and_notes) {
  const Scratch scratch;
  auto medium = open(scratch.write("a.bin", make_docx(kBody)));
  ASSERT_TRUE(medium.ok()) << render(medium.error());
  EXPECT_EQ(rows(**medium, "document"), (Rows{"docx | 1 | Lease"}));
  EXPECT_EQ(rows(**medium, "block"),
            (Rows{"1 | 1 | header | 0 | Draft 3", "1 | 2 | heading | 1 | Lease", "1 | 3 | list-item | 1 | 1. Parties",
                  "1 | 4 | list-item | 2 | 1(a) the landlord", "1 | 5 | list-item | 2 | 1(b) the tenant",
                  "1 | 6 | list-item | 1 | 2. Rent", "1 | 7 | paragraph | 0 | See the terms.",
                  "1 | 8 | table | 0 | Month\tEuro May\t900 net", "1 | 9 | footnote | 0 | As amended."}));
  EXPECT_EQ(rows(**medium, "cell"),
            (Rows{"1 | 8 | 1 | 1 | Month", "1 | 8 | 1 | 2 | Euro", "1 | 8 | 2 | 1 | May", "1 | 8 | 2 | 2 | 900 net"}));
  EXPECT_EQ(rows(**medium, "link"), (Rows{"1 | terms | https://example.org/terms"}));
  EXPECT_EQ(rows(**medium, "dated"), (Rows{"created | 1709287200000000"}));
  // Without pages a place is the characters alone, and finds them again.
  const auto links = facts(**medium, "link");
  ASSERT_EQ(links.size(), 1u);
  const std::string part = links[0].place.substr(links[0].place.find('#') + 1);
  EXPECT_EQ(rows(**medium, "page_text", part), (Rows{"1 | terms"}));
}

TEST(Docx, what_unpacks_to_too_much_or_expands_entities_is_refused) {
  const Scratch scratch;
  Limits limits;
  limits.expanded_bytes = 1'000'000;
  const std::string bomb = make_docx(paragraph(std::string(5'000'000, 'a')));
  EXPECT_LT(bomb.size(), 20'000u);
  auto medium = open(scratch.write("a.docx", bomb), limits);
  ASSERT_FALSE(medium.ok());
  EXPECT_EQ(medium.error().code, "expands-too-much");
  const std::string entities =
      make_zip({{"[Content_Types].xml", kTypes},
                {"word/document.xml",
                 "<!DOCTYPE d [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><w:document xmlns:w=\"w\"><w:body>"
                 "<w:p><w:r><w:t>&a;</w:t></w:r></w:p></w:body></w:document>"}});
  medium = open(scratch.write("a.docx", entities));
  ASSERT_FALSE(medium.ok());
  EXPECT_EQ(medium.error().code, "damaged-docx");
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += "<w:sdt>";
  const std::string nested = make_zip({{"[Content_Types].xml", kTypes}, {"word/document.xml", word("document", deep)}});
  medium = open(scratch.write("a.docx", nested));
  ASSERT_FALSE(medium.ok());
  EXPECT_EQ(medium.error().code, "too-deep");
}

constexpr const char* kPage = R"(<!DOCTYPE html><html><head><title>Price list</title><meta charset="utf-8">
<meta name="author" content="M. Meier"><style>p { color: red }</style><script>alert("no")</script></head>
<body><header>Acme</header><h1>Prices <em>2024</em></h1><p>All in <b>eur</b>o, see <a href="/terms">terms</a>.<br>Net.</p>
<ul><li>bolts<ul><li>M8</li></ul></li><li><p>nuts</p></li></ul><ol type="a"><li>one</li><li>two</li></ol>
<table><tr><td><table><tr><th>Item</th><th>Price</th></tr><tr><td colspan="2">none</td></tr></table></td></tr></table>
<div style="display: none">hidden</div><pre>a  b
c</pre></body></html>)";

TEST(Html, is_read_as_it_is_seen) {
  const Scratch scratch;
  auto medium = open(scratch.write("a.txt", kPage));
  ASSERT_TRUE(medium.ok()) << render(medium.error());
  EXPECT_EQ(rows(**medium, "document"), (Rows{"html | 1 | Price list"}));
  EXPECT_EQ(rows(**medium, "block"),
            (Rows{"1 | 1 | header | 0 | Acme", "1 | 2 | heading | 1 | Prices 2024",
                  "1 | 3 | paragraph | 0 | All in euro, see terms. Net.", "1 | 4 | list-item | 1 | bolts",
                  "1 | 5 | list-item | 2 | M8", "1 | 6 | list-item | 1 | nuts", "1 | 7 | list-item | 1 | a. one",
                  "1 | 8 | list-item | 1 | b. two", "1 | 9 | table | 0 | Item\tPrice none",
                  "1 | 10 | paragraph | 0 | a b c"}));
  EXPECT_EQ(rows(**medium, "cell"), (Rows{"1 | 9 | 1 | 1 | Item", "1 | 9 | 1 | 2 | Price", "1 | 9 | 2 | 1 | none"}));
  EXPECT_EQ(rows(**medium, "link"), (Rows{"1 | terms | /terms"}));
  EXPECT_EQ(rows(**medium, "field"), (Rows{"title | Price list", "author | M. Meier"}));
}

TEST(Html, nesting_of_any_depth_is_read) {
  const Scratch scratch;
  std::string deep = "<html><body>";
  for (int i = 0; i < 50'000; ++i) deep += "<div><table>";
  auto medium = open(scratch.write("a.html", deep + "<tr><td>end</td></tr>"));
  ASSERT_TRUE(medium.ok()) << render(medium.error());
  EXPECT_TRUE((*medium)->read(relation("page_text"), {}).ok());
}

std::string base64(std::string_view bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t three = 0;
    for (std::size_t j = 0; j < 3; ++j) three = three << 8 | (i + j < bytes.size() ? std::uint8_t(bytes[i + j]) : 0);
    for (std::size_t j = 0; j < 4; ++j) out += i + j <= bytes.size() ? kDigits[three >> (18 - 6 * j) & 63] : '=';
    if (i % 57 == 54) out += "\n";
  }
  return out;
}

std::string attached(const std::string& name, const std::string& type, std::string_view bytes) {
  return "--B\nContent-Type: " + type + "\nContent-Disposition: attachment; filename=\"" + name +
         "\"\nContent-Transfer-Encoding: base64\n\n" + base64(bytes) + "\n";
}

std::string make_mail(const std::string& attachments) {
  return "From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>\nTo: Ann <ann@example.org>, bob@example.org\n"
         "Subject: =?iso-8859-1?Q?Miete_f=FCr_M=E4rz?=\nDate: Fri, 01 Mar 2024 11:00:00 +0100\nMIME-Version: 1.0\n"
         "Content-Type: multipart/mixed; boundary=B\n\n"
         "--B\nContent-Type: multipart/alternative; boundary=A\n\n"
         "--A\nContent-Type: text/html; charset=utf-8\n\n<p>in HTML</p>\n"
         "--A\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n"
         "Gr=FC=DFe\n--A--\n" +
         attachments + "--B--\n";
}

TEST(Mail, has_fields_people_text_and_the_pages_of_what_is_attached) {
  const Scratch scratch;
  const std::string inner = make_mail(attached("b.txt", "text/plain", "inner note"));
  const std::string path =
      scratch.write("a.eml", make_mail(attached("a.pdf", "application/octet-stream",
                                                make_pdf({show(72, 100, "first"), show(72, 100, "second")})) +
                                       attached("x.bin", "application/x-thing", std::string("\0\1\2\3", 4)) +
                                       "--B\nContent-Type: message/rfc822\n\n" + inner));
  auto medium = open(path);
  ASSERT_TRUE(medium.ok()) << render(medium.error());
  EXPECT_EQ(rows(**medium, "document"), (Rows{"eml | 5 | Miete für März"}));
  EXPECT_EQ(rows(**medium, "person"),
            (Rows{"from | Jürgen | j@example.org", "to | Ann | ann@example.org", "to |  | bob@example.org"}));
  EXPECT_EQ(rows(**medium, "dated"), (Rows{"date | 1709287200000000"}));
  const Rows attachments = rows(**medium, "attachment");
  ASSERT_EQ(attachments.size(), 4u);
  EXPECT_TRUE(attachments[0].starts_with("1 | a.pdf | pdf | 2 | 2 | ")) << attachments[0];
  EXPECT_EQ(attachments[1], "2 | x.bin | application/x-thing | 0 | 0 | 4 | not a document");
  EXPECT_TRUE(attachments[2].starts_with("3 | Miete für März | eml | 4 | 2 | ")) << attachments[2];
  EXPECT_EQ(attachments[3], "4 | b.txt | text | 5 | 1 | 10 | ");
  EXPECT_EQ((*medium)->work().decoded, 0u);
  EXPECT_EQ(rows(**medium, "page_text", "page=3"), (Rows{"3 | second"}));
  EXPECT_EQ((*medium)->work().decoded, 1u);
  EXPECT_EQ(rows(**medium, "page_text"), (Rows{"1 | Grüße", "2 | first", "3 | second", "4 | Grüße", "5 | inner note"}));
  EXPECT_EQ(facts(**medium, "word", "page=3")[0].place.find(path + "#page=3&xywh="), 0u);
}

TEST(Mail, nesting_without_end_is_refused) {
  const Scratch scratch;
  std::string parts = "From: a@b.c\nMIME-Version: 1.0\n";
  for (int i = 0; i < 3000; ++i)
    parts += "Content-Type: multipart/mixed; boundary=b" + std::to_string(i) + "\n\n--b" + std::to_string(i) + "\n";
  const auto medium = open(scratch.write("a.eml", parts + "Content-Type: text/plain\n\nend\n"));
  EXPECT_TRUE(medium.ok() || medium.error().code == "too-deep");  // GMime itself stops at a depth
  // Mails in mails: each level is opened by the one above it.
  std::string mail = "From: a@b.c\nSubject: innermost\n\nend\n";
  for (int i = 0; i < 80; ++i) mail = "From: a@b.c\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\n" + mail;
  auto nested = open(scratch.write("b.eml", mail));
  ASSERT_TRUE(nested.ok()) << render(nested.error());
  const Rows attachments = rows(**nested, "attachment");
  ASSERT_FALSE(attachments.empty());
  EXPECT_LE(attachments.size(), 65u);
}

TEST(Mail, attachments_that_decode_to_too_much_are_refused) {
  const Scratch scratch;
  Limits limits;
  limits.expanded_bytes = 10'000;
  const auto medium =
      open(scratch.write("a.eml", make_mail(attached("a.txt", "text/plain", std::string(50'000, 'a')))), limits);
  ASSERT_FALSE(medium.ok());
  EXPECT_EQ(medium.error().code, "expands-too-much");
}

void expect_read_or_refused(const Scratch& scratch, const std::string& bytes, const char* format) {
  auto medium = adapter().open(scratch.write("a.bin", bytes), format, {});
  if (!medium.ok()) {
    EXPECT_FALSE(medium.error().what.empty());
    return;
  }
  for (const char* name : {"block", "word", "cell", "link", "field", "attachment"}) {
    const auto read = (*medium)->read(relation(name), {});
    EXPECT_TRUE(read.ok() || !read.error().what.empty()) << name;
  }
}

TEST(Docx, damage_of_any_kind_is_read_or_refused) {
  const Scratch scratch;
  mutate(make_docx(kBody), 200, [&](const std::string& bytes) { expect_read_or_refused(scratch, bytes, "docx"); });
  // Damage past the archive: in the XML itself.
  mutate(word("document", "<w:body>" + kBody + "</w:body>"), 200, [&](const std::string& xml) {
    expect_read_or_refused(scratch, make_zip({{"word/document.xml", xml}}), "docx");
  });
}

TEST(Html, damage_of_any_kind_is_read_or_refused) {
  const Scratch scratch;
  mutate(kPage, 300, [&](const std::string& bytes) { expect_read_or_refused(scratch, bytes, "html"); });
}

TEST(Mail, damage_of_any_kind_is_read_or_refused) {
  const Scratch scratch;
  const std::string mail =
      make_mail(attached("a.html", "text/html", kPage) + attached("b.docx", "x/y", make_docx(kBody)));
  mutate(mail, 300, [&](const std::string& bytes) { expect_read_or_refused(scratch, bytes, "eml"); });
}

TEST(PlainText, damage_of_any_kind_is_read) {
  const Scratch scratch;
  mutate("\xFF\xFE" + std::string("A\0b\0\n\0\xD8\xD8 c\0", 12) + "\x82\xA0\x82\xA2 some text\r\n1. item", 200,
         [&](const std::string& bytes) {
           if (!bytes.empty()) expect_read_or_refused(scratch, bytes, "text");
         });
}

}  // namespace
}  // namespace tenfold::media::documents
