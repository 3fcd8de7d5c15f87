// Tuples of the adapter `video`, tab-separated: video_facts FILM RELATION... ; last a line `work` of frames there, frames
// decoded, CPU seconds. RELATION may have a part: "track#xywh=0,0,320,360". `pixels#t=12.48` writes that picture as PPM to
// standard output and nothing else.
#include <cstdio>

#include "media/file_type.h"
#include "media/video/video.h"

using namespace tenfold;
using namespace tenfold::media;

namespace {

int fail(const Error& error) {
  std::fputs(render(error).c_str(), stderr);
  return 1;
}

int write_ppm(Medium& medium, const Part& part) {
  const Result<Colours> picture = medium.picture(part, {});
  if (!picture) return fail(picture.error());
  std::printf("P6\n%u %u\n255\n", picture->width, picture->height);
  std::fwrite(picture->rgb.data(), 1, picture->rgb.size(), stdout);
  return 0;
}

void print(std::string_view relation, const MediaFact& fact) {
  std::printf("%.*s", static_cast<int>(relation.size()), relation.data());
  for (const Value& value : fact.values) {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) std::printf("\t%lld", static_cast<long long>(*whole));
    if (const auto* real = std::get_if<double>(&value)) std::printf("\t%.6f", *real);
    if (const auto* text = std::get_if<std::string>(&value)) std::printf("\t%s", text->c_str());
  }
  std::printf("\n");
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) return std::fputs("usage: video_facts FILM RELATION...\n", stderr), 2;
  const std::string path = arguments[1];
  const Result<std::string_view> format = file_type_of(path);
  if (!format) return fail(format.error());
  const Adapter adapter = video_adapter();
  Limits limits;
  limits.seconds = 1e6;
  Result<std::unique_ptr<Medium>> medium = adapter.open(path, *format, limits);
  if (!medium) return fail(medium.error());
  for (int i = 2; i < count; ++i) {
    const Key asked = read_key(arguments[i]);
    if (asked.path == "pixels") return write_ppm(**medium, asked.part);
    std::size_t relation = 0;
    while (relation < adapter.relations.size() && adapter.relations[relation].relation != asked.path) ++relation;
    if (relation == adapter.relations.size()) return std::fprintf(stderr, "no relation %s\n", asked.path.c_str()), 2;
    const Result<std::vector<MediaFact>> facts = (*medium)->read(relation, asked.part);
    if (!facts) return fail(facts.error());
    for (const MediaFact& fact : *facts) print(asked.path, fact);
  }
  const MediaWork work = (*medium)->work();
  std::printf("work\t%llu\t%llu\t%.3f\n", static_cast<unsigned long long>(work.there),
              static_cast<unsigned long long>(work.decoded), work.seconds);
  return 0;
}
