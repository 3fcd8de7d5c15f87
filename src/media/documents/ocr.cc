#include "media/documents/ocr.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/shared_module.h"

namespace tenfold::media::documents {
namespace {

constexpr std::string_view kLanguage = "eng";

/// A file in memory, for as long as the program runs; empty where there is none.
std::string_view mapped(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  struct stat info {};
  void* bytes = MAP_FAILED;
  if (::fstat(file, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0)
    bytes = ::mmap(nullptr, static_cast<std::size_t>(info.st_size), PROT_READ, MAP_PRIVATE, file, 0);
  ::close(file);
  if (bytes == MAP_FAILED) return {};
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(info.st_size)};
}

/// Where Tesseract itself looks, and where packages put its data.
std::string_view language_data() {
  const std::string file = std::string(kLanguage) + ".traineddata";
  if (const char* folder = std::getenv("TESSDATA_PREFIX"))
    if (const std::string_view data = mapped(std::string(folder) + "/" + file); !data.empty()) return data;
  for (const char* folder : {"/usr/share/tesseract-ocr/5/tessdata/", "/usr/share/tesseract-ocr/4.00/tessdata/",
                             "/usr/share/tessdata/", "/usr/local/share/tessdata/"})
    if (const std::string_view data = mapped(folder + file); !data.empty()) return data;
  return {};
}

}  // namespace

Result<std::unique_ptr<Recogniser>> open_recogniser() {
  static const Result<void*> module = open_shared_module("libtenfold_tesseract.so", "tenfold_open_recogniser");
  if (!module) return module.error();
  static const std::string_view data = language_data();
  if (data.empty())
    return document_error("no-recogniser", "the page has no text, and the data to recognise it is not installed",
                          "install tesseract-ocr-eng, or set TESSDATA_PREFIX to the folder of eng.traineddata");
  std::unique_ptr<Recogniser> recogniser;
  reinterpret_cast<OpenRecogniser> (*module)(data, kLanguage, recogniser);
  return recogniser;
}

Grey to_grey(const Colours& picture) {
  Grey grey{picture.width, picture.height, {}};
  grey.pixels.reserve(picture.rgb.size() / 3);
  for (std::size_t i = 0; i + 2 < picture.rgb.size(); i += 3)  // ITU-R BT.601, in 1/256
    grey.pixels.push_back(
        static_cast<std::uint8_t>((77 * picture.rgb[i] + 150 * picture.rgb[i + 1] + 29 * picture.rgb[i + 2]) >> 8));
  return grey;
}

}  // namespace tenfold::media::documents
