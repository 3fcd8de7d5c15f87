// Pages without text, which are recognised, and pages with evidence marked. Letters are drawn as strokes, so that no
// font has to be installed.
#include "media/documents/highlight.h"
#include "media/documents/test_files.h"
#include "media/raster.h"

namespace tenfold::media::documents {
namespace {

using Rows = std::vector<std::string>;

/// Strokes of a letter in a square of 1, from the lower left.
const char* strokes(char letter) {
  switch (letter) {
    case 'A':
      return "0 0 m 0.5 1 l 1 0 l 0.2 0.4 m 0.8 0.4 l";
    case 'E':
      return "1 0 m 0 0 l 0 1 l 1 1 l 0 0.5 m 0.8 0.5 l";
    case 'F':
      return "0 0 m 0 1 l 1 1 l 0 0.5 m 0.8 0.5 l";
    case 'H':
      return "0 0 m 0 1 l 1 0 m 1 1 l 0 0.5 m 1 0.5 l";
    case 'L':
      return "0 1 m 0 0 l 1 0 l";
    case 'N':
      return "0 0 m 0 1 l 1 0 l 1 1 l";
    case 'T':
      return "0.5 0 m 0.5 1 l 0 1 m 1 1 l";
    default:
      return "";
  }
}

/// `y` from the top of the page to the baseline.
std::string draw(double x, double y, const std::string& text, double height = 24) {
  std::ostringstream out;
  for (const char letter : text) {
    if (letter != ' ') {
      std::istringstream in(strokes(letter));
      out << "q " << height * 0.13 << " w 1 J 1 j ";
      double at[2];
      std::string mark;
      while (in >> at[0] >> at[1] >> mark)
        out << x + at[0] * height * 0.65 << " " << 792 - y + at[1] * height << " " << mark << " ";
      out << "S Q\n";
    }
    x += height * 0.95;
  }
  return out.str();
}

const std::string kLines =
    draw(72, 120, "THE LATE TENANT") + draw(72, 170, "HAALT THE FLAT") + draw(72, 220, "LEFT AN ELF");

TEST(Scan, a_page_without_text_is_recognised_and_says_so) {
  const Scratch scratch;
  auto medium = open(scratch.write("a.pdf", make_pdf({show(72, 100, "printed text"), kLines})));
  ASSERT_TRUE(medium.ok()) << render(medium.error());
  EXPECT_EQ(rows(**medium, "text_layer"), (Rows{"1 | 1", "2 | 0"}));
  EXPECT_TRUE(rows(**medium, "confidence", "page=1").empty());
  bool found = false;
  for (const MediaFact& word : facts(**medium, "word", "page=2")) {
    if (std::get<std::string>(word.values[2]) != "TENANT") continue;
    found = true;
    const Part part = read_key(word.place).part;
    ASSERT_TRUE(part.page == 2u && part.box) << word.place;
    EXPECT_NEAR(part.box->x, 72 + 9 * 24 * 0.95, 12.0);  // the recogniser places a word to about half a letter
    EXPECT_NEAR(part.box->y, 96, 4.0);
    EXPECT_NEAR(part.box->height, 24, 6.0);
  }
  EXPECT_TRUE(found) << testing::PrintToString(rows(**medium, "page_text", "page=2"));
  for (const MediaFact& fact : facts(**medium, "confidence", "page=2")) {
    EXPECT_GE(std::get<double>(fact.values[2]), 0.0);
    EXPECT_LE(std::get<double>(fact.values[2]), 1.0);
  }
}

TEST(Scan, a_stamp_of_text_on_a_scan_keeps_its_words) {
  const Scratch scratch;
  auto medium = open(scratch.write("a.pdf", make_pdf({show(400, 40, "BATES-000017") + kLines})));
  ASSERT_TRUE(medium.ok()) << render(medium.error());
  const Rows text = rows(**medium, "page_text");
  ASSERT_EQ(text.size(), 1u);
  EXPECT_NE(text[0].find("BATES-000017"), std::string::npos) << text[0];
  EXPECT_NE(text[0].find("TENANT"), std::string::npos) << text[0];
  EXPECT_EQ(rows(**medium, "text_layer"), (Rows{"1 | 1"}));
}

TEST(Scan, a_blank_page_has_no_words) {
  const Scratch scratch;
  auto medium = open(scratch.write("a.pdf", make_pdf({""})));
  ASSERT_TRUE(medium.ok()) << render(medium.error());
  EXPECT_TRUE(rows(**medium, "word").empty());
  EXPECT_EQ(rows(**medium, "page_text"), (Rows{"1 | "}));
}

TEST(Scan, a_picture_of_a_page_is_a_document) {
  const Scratch scratch;
  auto pdf = open(scratch.write("a.pdf", make_pdf({kLines})));
  ASSERT_TRUE(pdf.ok()) << render(pdf.error());
  const auto picture = (*pdf)->picture({}, {1275, 1650});
  ASSERT_TRUE(picture.ok()) << render(picture.error());
  const auto png = encode_png(*picture);
  ASSERT_TRUE(png.ok());
  auto medium = open(scratch.write("a.png", *png));
  ASSERT_TRUE(medium.ok()) << render(medium.error());
  EXPECT_EQ(rows(**medium, "document"), (Rows{"png | 1 | "}));
  EXPECT_EQ(rows(**medium, "dimensions"), (Rows{"1275 | 1650"}));
  EXPECT_NE(rows(**medium, "page_text")[0].find("TENANT"), std::string::npos);
  EXPECT_EQ(rows(**medium, "text_layer"), (Rows{"1 | 0"}));
  EXPECT_EQ(open(scratch.write("b.png", png->substr(0, 500)))->get()->picture({}, {}).error().code, "truncated-image");
}

TEST(Highlight, marks_the_place_and_nothing_else) {
  Colours picture{100, 200, std::vector<std::uint8_t>(100 * 200 * 3, 255)};
  const Box box{20, 40, 10, 20};
  highlight(picture, {0, 0, 50, 100}, std::span(&box, 1));
  for (std::uint32_t y = 0; y < 200; ++y) {
    for (std::uint32_t x = 0; x < 100; ++x) {
      const bool inside = x >= 40 && x < 60 && y >= 80 && y < 120, around = x >= 39 && x < 61 && y >= 79 && y < 121;
      const std::uint8_t blue = picture.rgb[3 * (y * 100 + x) + 2];
      ASSERT_EQ(blue, inside ? 80 : around ? 20 : 255) << x << "," << y;
    }
  }
  const Box outside[] = {{-1e12, -1e12, 1, 1}, {1e12, 5, 1e12, 1e12}, {-10, -10, 1000, 1000}, {5, 5, -1, 3}};
  highlight(picture, {0, 0, 50, 100}, outside);
}

TEST(Highlight, a_page_with_its_evidence_is_a_png) {
  const Scratch scratch;
  auto medium = open(scratch.write("a.pdf", make_pdf({"", show(72, 100, "Rent is 900 euros")})));
  ASSERT_TRUE(medium.ok()) << render(medium.error());
  const Part place = read_key(facts(**medium, "word", "page=2")[2].place).part;
  const auto png = highlighted_page(**medium, 2, std::span(&place, 1), {612, 792});
  ASSERT_TRUE(png.ok()) << render(png.error());
  const auto picture = decode_png_colours(*png, 10'000'000);
  ASSERT_TRUE(picture.ok()) << render(picture.error());
  const auto blue = [&](double x, double y) {
    return picture->rgb[3 * (static_cast<std::size_t>(y) * picture->width + static_cast<std::size_t>(x)) + 2];
  };
  std::uint8_t brightest = 0;
  for (double x = place.box->x + 1; x < place.box->x + place.box->width - 1; ++x)
    brightest = std::max(brightest, blue(x, place.box->y + place.box->height / 2));
  EXPECT_EQ(brightest, 80);
  EXPECT_EQ(blue(place.box->x - 10, place.box->y + 1), 255);
}

}  // namespace
}  // namespace tenfold::media::documents
