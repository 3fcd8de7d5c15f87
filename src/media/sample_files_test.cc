// Files by other hands: the DICOM samples and FHIR records that lie beside the repository, where they are. Expected
// figures come from other programs: pydicom 3.0.2 with pylibjpeg (libjpeg 2.5, openjpeg 2.6, rle 2.2), the same
// windowing in numpy; for the records, the counts that the data set's own index states.
#include <gtest/gtest.h>
#include <zlib.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "media/dicom_header.h"
#include "media/dicom_pixels.h"
#include "media/fhir.h"
#include "media/media.h"
#include "media/record_stream.h"
#include "media/text_file.h"

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

/// Where the package pydicom-data lies that scripts/setup installs; empty where it is not.
std::filesystem::path pydicom_data() {
  const char* named = std::getenv("TENFOLD_CACHE");
  const char* caches = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  const std::filesystem::path cache = named    ? std::filesystem::path(named)
                                      : caches ? std::filesystem::path(caches) / "tenfold"
                                               : std::filesystem::path(home ? home : "/") / ".cache" / "tenfold";
  std::error_code none;
  for (const auto& python : std::filesystem::directory_iterator(cache / "venv" / "lib", none))
    if (const auto data = python.path() / "site-packages" / "data_store" / "data"; std::filesystem::exists(data, none))
      return data;
  return {};
}

// All frames, as 32-bit integers, channel after channel of each pixel.
Result<std::string> stored_values(const std::string& path, std::uint32_t frames) {
  const Result<std::string> bytes = read_bytes(path, std::size_t{1} << 30);
  if (!bytes) return bytes.error();
  std::string inflated, out;
  const Result<DicomHeader> header = read_dicom_header(*bytes, inflated, std::size_t{1} << 30);
  if (!header) return header.error();
  if (const Status fine = check_pixels(*header, 100'000'000); !fine) return fine.error();
  for (std::uint32_t frame = 0; frame < frames; ++frame) {
    const Result<Samples> samples = read_samples(*header, inflated.empty() ? *bytes : inflated, frame);
    if (!samples) return samples.error();
    const std::size_t pixels = std::size_t{header->rows} * header->columns;
    for (std::size_t i = 0; i < pixels; ++i)
      for (std::size_t c = 0; c < samples->channels; ++c) {
        const double value = samples->at(samples->planar ? c * pixels + i : i * samples->channels + c);
        const auto stored = static_cast<std::int32_t>(static_cast<std::int64_t>(value));
        out.append(reinterpret_cast<const char*>(&stored), sizeof stored);
      }
  }
  return out;
}

TEST(SampleFiles, dicom_frames_as_pydicom_decodes_them) {
  const std::filesystem::path data = pydicom_data();
  std::ifstream table(std::string(TENFOLD_SOURCE_DIR) + "/src/media/testdata/dicom_digests.csv");
  std::string line;
  std::getline(table, line);
  std::size_t met = 0, equal = 0;
  std::string differ;
  while (std::getline(table, line)) {
    std::istringstream cells(line);
    std::string name, frames, crc, lossy, mean;
    for (std::string* cell : {&name, &frames, &crc, &lossy, &mean}) std::getline(cells, *cell, ',');
    std::string path = kShared + "media/dicom/" + name;
    if (!data.empty())
      for (const auto& file : std::filesystem::recursive_directory_iterator(data))
        if (file.path().filename() == name) path = file.path();
    if (!std::filesystem::exists(path)) continue;
    ++met;
    const auto values = stored_values(path, static_cast<std::uint32_t>(std::stoul(frames)));
    if (name.starts_with("gdcm-US-ALOKA-16")) {  // segmented palettes (PS3.3 C.7.9.2): the two that are not read
      EXPECT_TRUE(!values.ok() && values.error().code == "unsupported-pixels") << name;
      ++equal;
      continue;
    }
    if (!values) {
      differ += name + " is refused: " + values.error().what + "\n";
      continue;
    }
    const auto found = crc32(0, reinterpret_cast<const Bytef*>(values->data()), static_cast<uInt>(values->size()));
    double sum = 0;
    for (std::size_t i = 0; i < values->size(); i += 4) {
      std::int32_t value = 0;
      std::memcpy(&value, values->data() + i, 4);
      sum += value;
    }
    const double count = static_cast<double>(values->size()) / 4;
    // Two decoders of a lossy stream may round a value differently, up or down.
    if (found == std::stoul(crc, nullptr, 16) || (lossy == "1" && std::abs(sum / count - std::stod(mean)) < 0.5))
      ++equal;
    else
      differ += name + " differs, mean " + std::to_string(sum / count) + " and not " + mean + "\n";
  }
  if (met == 0) GTEST_SKIP() << "needs the package pydicom-data (scripts/setup) or ../shared/data/media/dicom";
  EXPECT_EQ(equal, met) << differ;
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
