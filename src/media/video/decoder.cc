#include "media/video/decoder.h"

#include <algorithm>
#include <cmath>

#include "base/shared_module.h"
#include "media/text_file.h"

namespace tenfold::media {

Microseconds microseconds(double seconds) { return std::llround(std::clamp(seconds, -1e12, 1e12) * 1e6); }
double seconds(Microseconds us) { return static_cast<double>(us) / 1e6; }

Result<std::unique_ptr<VideoDecoder>> open_video(const VideoInput& input, const Limits& limits) {
  if (!input.stream) {
    const Result<Beginning> beginning = read_beginning(input.path, 1);
    if (!beginning) return beginning.error();
    if (beginning->file_size > limits.file_bytes)
      return Error{"file-too-large",
                   {input.path},
                   "the film has " + std::to_string(beginning->file_size) + " bytes, and " +
                       std::to_string(limits.file_bytes) + " are allowed",
                   "cut it, or raise the limit",
                   ""};
  }
  static const Result<void*> symbol = open_shared_module("libtenfold_video.so", "tenfold_video_open");
  if (!symbol) return symbol.error();
  Result<std::unique_ptr<VideoDecoder>> decoder = reinterpret_cast<OpenVideo>(*symbol)(input, limits);
  if (decoder) return decoder;
  Error error = decoder.error();
  error.place.file = input.path;
  return error;
}

}  // namespace tenfold::media
