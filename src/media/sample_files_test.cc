// Files by other hands: the DICOM samples and FHIR records that lie beside the repository, where they are. Expected
// figures come from other programs: pydicom 3.0.2 with pylibjpeg (libjpeg 2.5, openjpeg 2.6, rle 2.2), the same
// windowing in numpy; for the records, the counts that the data set's own index states.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <string>

#include "media/fhir.h"
#include "media/media.h"
#include "media/record_stream.h"

namespace tenfold::media {
namespace {

const std::string kShared = std::string(TENFOLD_SOURCE_DIR) + "/../shared/data/";

#define SKIP_WITHOUT(folder) \
  if (!std::filesystem::exists(kShared + (folder))) GTEST_SKIP() << "needs the data set ../shared/data/" << (folder)

struct Expected {
  const char* file;
  std::uint32_t width, height;
  double mean, deviation;
};

// First frame, [0, 1], after rescale, first window (else range) and inversion.
constexpr Expected kExpected[] = {
    {"CT_small.dcm", 128, 128, 0.376600, 0.184080},
    {"JPEG2000.dcm", 256, 1024, 0.158030, 0.076677},
    {"MR_small.dcm", 64, 64, 0.443378, 0.239285},
    {"MR_small_RLE.dcm", 64, 64, 0.443378, 0.239285},
    {"MR_small_bigendian.dcm", 64, 64, 0.443378, 0.239285},
    {"MR_small_implicit.dcm", 64, 64, 0.443378, 0.239285},
    {"MR_small_jp2klossless.dcm", 64, 64, 0.443378, 0.239285},
    {"MR_small_jpeg_ls_lossless.dcm", 64, 64, 0.443378, 0.239285},
    {"SC_rgb_jpeg_dcmtk.dcm", 100, 100, 0.500745, 0.305942},
    {"SC_rgb_rle_2frame.dcm", 100, 100, 0.500784, 0.305905},
    {"SC_rgb_small_odd.dcm", 3, 3, 0.504966, 0.112096},
    {"examples_overlay.dcm", 484, 300, 0.188674, 0.206662},
    {"examples_ybr_color.dcm", 320, 240, 0.037227, 0.077665},
    {"image_dfl.dcm", 512, 512, 0.498494, 0.273380},
    {"liver_1frame.dcm", 512, 512, 0.138218, 0.345129},
    {"rtdose.dcm", 10, 10, 0.476645, 0.314369},
};

TEST(SampleFiles, dicom_pictures_as_another_program_sees_them) {
  SKIP_WITHOUT("media/dicom");
  for (const Expected& expected : kExpected) {
    const auto picture = read_image(kShared + "media/dicom/" + expected.file);
    ASSERT_TRUE(picture.ok()) << render(picture.error());
    EXPECT_EQ(picture->image.width, expected.width) << expected.file;
    EXPECT_EQ(picture->image.height, expected.height) << expected.file;
    double sum = 0, squares = 0;
    for (const float pixel : picture->image.pixels) {
      ASSERT_TRUE(pixel >= 0 && pixel <= 1);
      sum += pixel, squares += double{pixel} * pixel;
    }
    const auto count = static_cast<double>(picture->image.pixels.size());
    const double mean = sum / count;
    // Lossy decoders may round a sample differently by 1 of 255, up or down; 1e-4 in the mean is one sample in forty.
    EXPECT_NEAR(mean, expected.mean, 1e-4) << expected.file;
    EXPECT_NEAR(std::sqrt(squares / count - mean * mean), expected.deviation, 1e-4) << expected.file;
  }
}

TEST(SampleFiles, dicom_objects_without_pictures) {
  SKIP_WITHOUT("media/dicom");
  for (const char* name :
       {"rtplan.dcm", "rtstruct.dcm", "reportsi.dcm", "waveform_ecg.dcm", "no_meta_group_length.dcm"}) {
    const auto picture = read_image(kShared + "media/dicom/" + name);
    ASSERT_FALSE(picture.ok()) << name;
    EXPECT_EQ(picture.error().code, "not-an-image") << name;
    EXPECT_TRUE(read_image_tags(kShared + "media/dicom/" + name).ok()) << name;
  }
}

TEST(SampleFiles, dicom_of_twelve_bits) {
  SKIP_WITHOUT("media/dicom");
  const auto picture = read_image(kShared + "media/dicom/JPEG-lossy.dcm");
  ASSERT_TRUE(picture.ok()) << render(picture.error());
  EXPECT_EQ(picture->image.pixels.size(), 256u * 1024u);
  EXPECT_EQ(picture->tags.body_part, "WHOLE BODY");
}

TEST(SampleFiles, synthea_records_give_what_their_index_counts) {
  SKIP_WITHOUT("health/fhir-synthea");
  std::vector<std::string> wanted;
  for (const FactSchema& schema : fhir_schema()) wanted.push_back(schema.relation);
  FhirReader reader(wanted);
  RecordStream stream({kShared + "health/fhir-synthea/bundles.ndjson.gz"});
  std::map<std::string, std::size_t> rows;
  std::size_t records = 0;
  Symbols symbols;
  std::vector<FactTable> tables;
  for (RecordItem item; stream.next(item); ++records) {
    ASSERT_EQ(item.kind, RecordItem::Kind::record);
    symbols.clear();
    const Status status = reader.read(item.text, item.name, symbols, tables);
    ASSERT_TRUE(status.ok()) << render(status.error());
    for (const FactTable& table : tables) rows[table.relation] += table.rows();
  }
  EXPECT_EQ(records, 140u);
  EXPECT_EQ(rows["patient"], 140u);
  EXPECT_EQ(rows["dead"], 27u);
  EXPECT_EQ(rows["condition"], 1080u);
  EXPECT_EQ(rows["medication"], 1076u);
  EXPECT_EQ(rows["allergy"], 80u);
  EXPECT_EQ(rows["encounter"], 4333u);
  EXPECT_EQ(rows["study"], 76u);
  EXPECT_GE(rows["observation"], 20365u);  // and one for each component
  EXPECT_EQ(rows["unreadable"], 0u);
  EXPECT_EQ(rows["as_of"], 140u);
}

}  // namespace
}  // namespace tenfold::media
