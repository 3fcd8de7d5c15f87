#include "answer/job.h"

#include <chrono>
#include <deque>
#include <future>
#include <mutex>

#include "answer/receipt.h"
#include "answer/session_state.h"
#include "answer/terms.h"
#include "media/fhir.h"
#include "media/file_type.h"
#include "media/reader.h"
#include "media/record_stream.h"

namespace tenfold::answer {
namespace {

constexpr double kLongestRead = 600.0;  // seconds; a look at a film of two hours takes about 50

double wall_now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// What one chunk needs while it is worked on; taken from a list and put back, so memory does not grow with the job.
struct Bench {
  struct Seat {
    std::unique_ptr<Session::State> session;
    std::unique_ptr<media::FhirReader> reader;
    std::vector<FactTable> facts;
    FactTable terms{"term", {Type::string, Type::string}, {}, {}, {}};
    FactTable media{"medium", {Type::string, Type::string, Type::string}, {}, {}, {}};
  };
  std::vector<Seat> seats;
};

struct Chunk {
  std::vector<media::RecordItem> items;
  std::size_t size = 0;  // items in use; the rest keep their memory
};

struct Done {
  std::vector<JobLine> lines;
  double read_s = 0.0, evaluate_s = 0.0, network_s = 0.0;
  std::uint64_t bytes = 0;
};

class Worker {
 public:
  Worker(const Pack& pack, const std::shared_ptr<const Program::Parts>& parts, const JobOptions& options)
      : parts_(parts), terms_(names(pack, *parts)), adapters_(pack.media), records_(!pack.records.empty()) {
    for (const lang::Relation& relation : parts->language.relations) wanted_.push_back(relation.name);
    fhir_.as_of = options.as_of;
  }

  Done run(const Chunk& chunk, Bench& bench) const {
    Done done;
    double mark = thread_cpu_s();
    std::vector<std::optional<Error>> failed(chunk.size);
    while (bench.seats.size() < chunk.size)
      bench.seats.push_back(
          {std::make_unique<Session::State>(parts_), std::make_unique<media::FhirReader>(wanted_, fhir_), {}});
    for (std::size_t i = 0; i < chunk.size; ++i) {
      done.bytes += chunk.items[i].text.size();
      if (Status s = read(chunk.items[i], bench.seats[i]); !s.ok()) failed[i] = s.error();
    }
    lap(done.read_s, mark);
    for (std::size_t i = 0; i < chunk.size; ++i) {
      if (failed[i]) continue;
      std::vector<const FactTable*> tables{&bench.seats[i].terms, &bench.seats[i].media};
      for (const FactTable& table : bench.seats[i].facts) tables.push_back(&table);
      if (Status s = bench.seats[i].session->begin(std::move(tables)); !s.ok()) failed[i] = s.error();
    }
    rounds(chunk.size, bench, failed, done, mark);
    for (std::size_t i = 0; i < chunk.size; ++i) {
      JobLine line{chunk.items[i].name, Error{}};
      if (failed[i])
        line.answer = std::move(*failed[i]);
      else
        line.answer = bench.seats[i].session->finish();
      done.lines.push_back(std::move(line));
    }
    lap(done.evaluate_s, mark);
    return done;
  }

 private:
  static void lap(double& total, double& mark) {
    const double now = thread_cpu_s();
    total += now - mark;
    mark = now;
  }

  Status read(const media::RecordItem& item, Bench::Seat& seat) const {
    seat.session->forget_symbols();
    seat.media.clear();
    if (item.kind == media::RecordItem::Kind::error) return item.error;
    if (item.kind == media::RecordItem::Kind::medium) return give(item, seat);
    if (!records_)
      return Error{"no-records",
                   {item.path, 0, 0, 1},
                   "the pack reads files, and no records of JSON or images of a study",
                   "give files that it reads",
                   ""};
    Symbols& symbols = seat.session->symbols();
    Status status = item.kind == media::RecordItem::Kind::image
                        ? seat.reader->read_film(item.path, symbols, seat.facts)
                        : seat.reader->read(item.text, item.name, symbols, seat.facts);
    if (status.ok() && !terms_.empty()) find_terms(seat);
    return status;
  }

  // A file, or each member of an archive, that the pack reads; pages, frames and words are read when rules ask for
  // them.
  Status give(const media::RecordItem& item, Bench::Seat& seat) const {
    for (FactTable& table : seat.facts) table.clear();
    seat.terms.clear();
    if (item.format != "zip") return add_medium(item.path, item.format, seat), Status();
    const auto members = parts_->media->read(*media::find_adapter("archive"), 0, item.path);
    if (!members) return members.error();
    for (const media::MediaFact& member : members->facts)
      add_medium(std::get<std::string>(member.values[4]), std::get<std::string>(member.values[3]), seat);
    if (seat.media.rows() == 0)
      return Error{"unknown-format",
                   {item.path, 0, 0, 1},
                   "the archive has no file that the pack reads",
                   "tenfold explain --input lists what is in it",
                   ""};
    return {};
  }

  void add_medium(const std::string& key, const std::string& format, Bench::Seat& seat) const {
    Symbols& symbols = seat.session->symbols();
    for (const std::string& name : adapters_)
      if (media::find_adapter(name)->reads(format)) {
        const Cell row[] = {symbols.intern(key), symbols.intern(name), symbols.intern(format)};
        return seat.media.add(row, symbols.intern(key));
      }
  }

  static std::vector<std::string> names(const Pack& pack, const Program::Parts& parts) {
    std::vector<std::string> out;
    const lang::RelationId r = pack.terms.empty() ? lang::kNone : parts.language.find(pack.terms);
    if (r == lang::kNone) return out;
    const engine::Relation& table = parts.base->relation(r);
    for (engine::Row row = 0; row < table.size(); ++row)
      out.emplace_back(parts.language.symbols.text(as_symbol(table.row(row)[0])));
    return out;
  }

  void find_terms(Bench::Seat& seat) const {
    Symbols& symbols = seat.session->symbols();
    seat.terms.clear();
    for (const FactTable& texts : seat.facts) {
      if (texts.relation != "code_text") continue;
      for (std::size_t i = 0; i < texts.rows(); ++i)
        for (std::string_view name : terms_.find(symbols.text(as_symbol(texts.row(i)[1])))) {
          const Cell row[] = {texts.row(i)[0], symbols.intern(name)};
          seat.terms.add(row, texts.origins[i]);
        }
    }
  }

  // All records up to what they ask, then each network once for all of them, until nobody asks.
  void rounds(std::size_t size, Bench& bench, std::vector<std::optional<Error>>& failed, Done& done,
              double& mark) const {
    std::vector<bool> finished(size, false);
    while (true) {
      std::vector<std::pair<std::size_t, Session::State::Asked>> asked;
      for (std::size_t i = 0; i < size; ++i) {
        if (failed[i] || finished[i]) continue;
        auto open = bench.seats[i].session->advance();
        if (!open) {
          failed[i] = open.error();
          continue;
        }
        finished[i] = open->empty();
        for (Session::State::Asked& a : *open) asked.emplace_back(i, std::move(a));
      }
      lap(done.evaluate_s, mark);
      if (asked.empty()) return;
      for (std::uint32_t n = 0; n < parts_->networks.size(); ++n) ask(n, asked, bench, failed);
      lap(done.network_s, mark);
    }
  }

  void ask(std::uint32_t network, const std::vector<std::pair<std::size_t, Session::State::Asked>>& asked, Bench& bench,
           std::vector<std::optional<Error>>& failed) const {
    std::vector<std::string> keys;
    std::vector<std::size_t> which;
    for (std::size_t a = 0; a < asked.size(); ++a)
      if (asked[a].second.network == network) {
        keys.push_back(asked[a].second.key);
        which.push_back(a);
      }
    if (keys.empty()) return;
    auto seen = parts_->networks[network]->see(keys);
    for (std::size_t k = 0; k < which.size(); ++k) {
      const auto& [record, question] = asked[which[k]];
      if (!seen) failed[record] = seen.error();
      if (failed[record]) continue;
      if (Status s = bench.seats[record].session->supply(question, std::move((*seen)[k])); !s.ok())
        failed[record] = s.error();
    }
  }

  std::shared_ptr<const Program::Parts> parts_;
  Terms terms_;
  const std::vector<std::string> adapters_;
  const bool records_;
  std::vector<std::string> wanted_;
  media::FhirOptions fhir_;
};

// Starting and feeding another process would cost more than such a picture; what has no adapter is left to read_image,
// which says so.
bool decoded_here(const std::string& key) {
  const auto format = media::file_type_of(media::read_key(key).path);
  return !format || *format == "png" || *format == "jpeg" || !media::adapter_of(*format);
}

}  // namespace

std::vector<FactSchema> adapter_schema(const Pack& pack) {
  std::vector<FactSchema> out;
  if (pack.records == "fhir-r4") out = media::fhir_schema();
  if (!pack.media.empty())
    out.push_back(
        {"medium",
         {{"key", Type::string}, {"adapter", Type::string}, {"format", Type::string}},
         "a file that was given, or a member of an archive that was; relations of the adapter are asked of its key"});
  if (!pack.terms.empty())
    out.push_back({"term",
                   {{"r", Type::string}, {"name", Type::string}},
                   "a name of " + pack.terms + " occurs as whole words in code_text(r, _)"});
  return out;
}

void read_media(Sources& sources, unsigned lanes) {
  media::ReaderSettings settings;
  settings.lanes = lanes;
  settings.limits.seconds = kLongestRead;
  sources.media = std::make_shared<media::MediaReader>(settings);
  sources.decoder = [reader = sources.media](const std::string& key) -> Result<neural::Picture> {
    if (decoded_here(key)) {
      auto picture = media::read_image(key);
      if (!picture) return picture.error();
      return neural::Picture{picture->image.width, picture->image.height, std::move(picture->image.pixels)};
    }
    auto image = reader->grey(key);
    if (!image) return image.error();
    return neural::Picture{image->width, image->height, std::move(image->pixels)};
  };
  sources.colours = [reader = sources.media](const std::string& key) -> Result<neural::ColourPicture> {
    auto picture = decoded_here(key) ? media::read_colours(key) : reader->colours(key);
    if (!picture) return picture.error();
    return neural::ColourPicture{picture->width, picture->height, std::move(picture->rgb)};
  };
}

Result<JobTotals> run_job(const Pack& pack, const std::shared_ptr<const Program::Parts>& parts,
                          const JobOptions& options, const std::function<bool(const JobLine&)>& sink) {
  if (pack.records.empty() && pack.media.empty())
    return Error{"bad-pack",
                 {(pack.folder / "pack.toml").string(), 0, 0, 1},
                 "the pack names no adapter for records",
                 "add [input] records = \"fhir-r4\", or media = [\"document\"]",
                 ""};
  JobTotals totals;
  const double cpu = process_cpu_s(), wall = wall_now();
  const Worker worker(pack, parts, options);
  media::RecordStreamOptions wanted;
  wanted.media = pack.media;
  media::RecordStream stream(options.inputs, wanted);
  const std::size_t lanes = std::max(1u, options.threads);
  struct Lane {
    Chunk chunk;
    Bench bench;
    std::future<Done> work;
  };
  std::vector<Lane> all(lanes);
  bool more = true, going = true;
  std::size_t skipped = 0;
  auto fill = [&](Chunk& chunk) {
    chunk.size = 0;
    while (chunk.size < options.chunk) {
      if (chunk.items.size() <= chunk.size) chunk.items.emplace_back();
      if (!stream.next(chunk.items[chunk.size])) return false;
      if (skipped < options.skip)
        ++skipped;
      else if (!options.only || options.only(chunk.items[chunk.size].name))
        ++chunk.size;
    }
    return true;
  };
  auto deliver = [&](Done done) {
    totals.read_s += done.read_s;
    totals.evaluate_s += done.evaluate_s;
    totals.network_s += done.network_s;
    totals.bytes += done.bytes;
    for (const JobLine& line : done.lines) {
      ++totals.records;
      if (line.answer) {
        totals.receipt.add(line.answer->receipt);
        totals.abstained += line.answer->abstained.size();
        totals.answers += line.answer->tuples.size();
      } else {
        ++totals.failed;
      }
      if (going) going = sink(line);
    }
  };
  // Lanes are filled and emptied in turn, so lines come out in the order of the inputs.
  for (std::size_t turn = 0; more || turn % lanes != 0; ++turn) {
    Lane& lane = all[turn % lanes];
    if (lane.work.valid()) deliver(lane.work.get());
    if (!more || !going) {
      more = false;
      continue;
    }
    more = fill(lane.chunk);
    if (lane.chunk.size == 0) continue;
    const auto policy = lanes == 1 ? std::launch::deferred : std::launch::async;
    lane.work = std::async(policy, [&worker, &lane] { return worker.run(lane.chunk, lane.bench); });
  }
  for (std::size_t turn = 0; turn < lanes; ++turn)
    if (all[turn].work.valid()) deliver(all[turn].work.get());
  totals.receipt.cpu_s = process_cpu_s() - cpu;
  totals.receipt.wall_s = wall_now() - wall;
  return totals;
}

}  // namespace tenfold::answer
