#include "answer/set_writer.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "answer/render.h"
#include "base/value_order.h"
#include "engine/set_executor.h"

namespace tenfold::answer {
namespace {

using engine::BitRows;
using engine::Id;
using engine::IdCodec;
using engine::SetRelation;

__extension__ using Packed = unsigned __int128;  // ranks of up to four columns, first column highest

/// Ids of one column in the order of their values, and how each is written.
class Column {
 public:
  using Write = std::function<std::string(Cell, Type)>;
  Column(Type type, const IdCodec& codec, const Symbols& symbols, Write write)
      : type_(type), kind_(IdCodec::kind(type)), codec_(codec), symbols_(symbols), write_(std::move(write)) {
    plain_ = is_integer(type) && kind_ != IdCodec::Kind::wide;
  }
  /// Ranks of plain numbers are the numbers; of other types all ids must be known before the first rank is asked.
  bool needs_ids() const { return !plain_; }
  void see(Id id) { rank_.try_emplace(id, 0); }
  void sort() {
    for (const auto& [id, unused] : rank_) ids_.push_back(id);
    std::sort(ids_.begin(), ids_.end(), [this](Id a, Id b) {
      return compare(codec_.decode(a, kind_), codec_.decode(b, kind_), type_, symbols_) < 0;
    });
    for (std::uint32_t r = 0; r < ids_.size(); ++r) rank_[ids_[r]] = r;
    for (Id id : ids_) texts_.push_back(write_(codec_.decode(id, kind_), type_));
  }
  std::uint32_t rank(Id id) const {
    if (plain_) return kind_ == IdCodec::Kind::signed_narrow ? id ^ 0x80000000u : id;
    return rank_.find(id)->second;
  }
  void append(std::string& out, std::uint32_t rank) const {
    if (!plain_) {
      out += texts_[rank];
      return;
    }
    char digits[16];
    char* end = digits;
    if (kind_ == IdCodec::Kind::signed_narrow)
      end = std::to_chars(digits, digits + sizeof digits, static_cast<std::int32_t>(rank ^ 0x80000000u)).ptr;
    else
      end = std::to_chars(digits, digits + sizeof digits, rank).ptr;
    out.append(digits, end);
  }

 private:
  Type type_;
  IdCodec::Kind kind_;
  const IdCodec& codec_;
  const Symbols& symbols_;
  Write write_;
  bool plain_;
  std::unordered_map<Id, std::uint32_t> rank_;
  std::vector<Id> ids_;
  std::vector<std::string> texts_;  // by rank
};

/// How a format writes one relation.
struct Layout {
  std::string head, row, before_arg, between_args, row_end, between_rows, tail;
};

Layout layout(std::string_view format, const std::string& name, std::size_t arity, bool first, bool colour) {
  if (format == "csv") {
    std::string head = "relation,probability";
    for (std::size_t i = 1; i <= arity; ++i) head += ",arg" + std::to_string(i);
    return {head + "\r\n", csv_cell(name) + ",1", ",", "", "\r\n", "", ""};
  }
  if (format == "scallop") return {name + ": {", "(", "", ", ", ")", ", ", "}\n"};
  const std::string shown = colour ? "\x1b[1m" + name + "\x1b[0m" : name;
  return {(first ? "" : "\n") + shown + "\n", "       1", "  ", "", "\n", "", ""};
}

class Writer {
 public:
  Writer(const Program::Parts& parts, const engine::Evaluation& evaluation, std::string_view format, bool colour,
         const std::function<bool(std::string_view)>& out)
      : parts_(parts),
        sets_(*evaluation.sets()),
        symbols_(evaluation.symbols()),
        format_(format),
        colour_(colour),
        out_(out) {}

  bool run() {
    std::vector<const lang::Query*> queries;
    for (const lang::Query& query : parts_.queries) queries.push_back(&query);
    if (format_ == "scallop")  // as scli orders them
      std::sort(queries.begin(), queries.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
    for (const lang::Query* query : queries)
      if (!relation(*query)) return false;
    return flush();
  }

 private:
  static constexpr std::size_t kPiece = 64 * 1024;

  std::string text(Cell cell, Type type) const {
    if (format_ == "scallop") return literal(cell, type, symbols_);
    std::string plain_text = plain(cell, type, symbols_);
    return format_ == "csv" ? csv_cell(plain_text) : readable(plain_text);
  }

  bool relation(const lang::Query& query) {
    const SetRelation& r = sets_.relation(query.relation);
    const bool always = format_ == "scallop";  // prints empty relations as well
    if (r.size() == 0 && !always) return true;
    layout_ = layout(format_, query.name, r.arity, first_, colour_);
    first_row_ = true;
    begun_ = has_pattern_ = false;
    columns_.clear();
    for (Type type : parts_.plan.relations[query.relation].types)
      columns_.emplace_back(type, sets_.codec(), symbols_, [this](Cell cell, Type t) { return text(cell, t); });
    pattern_.assign(r.arity, std::nullopt);
    set_pattern(query, r);
    rank_columns(r);
    if (always) begin();
    const bool go_on = r.arity > 2 ? wide_rows(r) : r.arity < 2 ? narrow(r) : pairs(r);
    if (go_on && always) buffer_ += layout_.tail;
    return go_on;
  }

  // `query p(1, x)`: only tuples with these ids.
  void set_pattern(const lang::Query& query, const SetRelation& r) {
    for (std::size_t c = 0; c < query.pattern.size() && c < r.arity; ++c)
      if (query.pattern[c]) {
        IdCodec codec = sets_.codec();
        pattern_[c] = codec.encode(*query.pattern[c], r.kinds[c]);
        has_pattern_ = true;
      }
  }

  void rank_columns(const SetRelation& r) {
    if (std::none_of(columns_.begin(), columns_.end(), [](const Column& c) { return c.needs_ids(); })) return;
    if (r.arity > 2) {
      r.each([&](const Id* tuple) {
        for (std::size_t c = 0; c < columns_.size(); ++c)
          if (columns_[c].needs_ids()) columns_[c].see(tuple[c]);
      });
    } else {
      const std::size_t row_column = r.row_column(), bit_column = r.arity == 2 ? 1 - row_column : 0;
      BitRows bits;  // ids of the bit column, each once
      const std::uint32_t all = bits.at(0);
      for (std::uint32_t row = 0; row < r.all.rows(); ++row) {
        if (r.arity == 2 && columns_[row_column].needs_ids()) columns_[row_column].see(r.all.key(row));
        r.all.each_block(row, [&](std::uint32_t block, std::uint64_t mask) { bits.add(all, block, mask); });
      }
      if (columns_[bit_column].needs_ids())
        bits.each_block(all, [&](std::uint32_t block, std::uint64_t mask) {
          for (; mask; mask &= mask - 1)
            columns_[bit_column].see((block << 6) | static_cast<Id>(std::countr_zero(mask)));
        });
    }
    for (Column& c : columns_)
      if (c.needs_ids()) c.sort();
  }

  bool narrow(const SetRelation& r) {
    if (r.size() == 0) return true;  // an empty store has no row to look at
    if (r.arity == 0) return row(nullptr);
    std::vector<std::uint32_t> ranks;
    collect(r.all, 0, columns_[0], pattern_[0], ranks);
    for (std::uint32_t rank : ranks)
      if (!row(&rank)) return false;
    return true;
  }

  static void collect(const BitRows& store, std::uint32_t row, const Column& column, std::optional<Id> only,
                      std::vector<std::uint32_t>& ranks) {
    ranks.clear();
    store.each_block(row, [&](std::uint32_t block, std::uint64_t mask) {
      for (; mask; mask &= mask - 1) {
        const Id id = (block << 6) | static_cast<Id>(std::countr_zero(mask));
        if (!only || *only == id) ranks.push_back(column.rank(id));
      }
    });
    if (!std::is_sorted(ranks.begin(), ranks.end())) std::sort(ranks.begin(), ranks.end());
  }

  bool pairs(const SetRelation& r) {
    BitRows turned;
    if (r.flipped)
      for (std::uint32_t row = 0; row < r.all.rows(); ++row)
        r.all.each_block(row, [&](std::uint32_t block, std::uint64_t mask) {
          for (; mask; mask &= mask - 1)
            turned.insert((block << 6) | static_cast<Id>(std::countr_zero(mask)), r.all.key(row));
        });
    const BitRows& store = r.flipped ? turned : r.all;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> rows;  // rank of the key, row
    for (std::uint32_t row = 0; row < store.rows(); ++row)
      if (!pattern_[0] || *pattern_[0] == store.key(row)) rows.emplace_back(columns_[0].rank(store.key(row)), row);
    std::sort(rows.begin(), rows.end());
    std::vector<std::uint32_t> ranks;
    for (const auto& [key, at] : rows) {
      collect(store, at, columns_[1], pattern_[1], ranks);
      for (std::uint32_t rank : ranks) {
        const std::uint32_t both[2] = {key, rank};
        if (!row(both)) return false;
      }
    }
    return true;
  }

  bool wide_rows(const SetRelation& r) {
    std::vector<std::uint32_t> ranks;
    r.each([&](const Id* tuple) {
      bool fits = true;
      for (std::uint32_t c = 0; c < r.arity && has_pattern_; ++c)
        fits = fits && (!pattern_[c] || *pattern_[c] == tuple[c]);
      for (std::uint32_t c = 0; c < r.arity && fits; ++c) ranks.push_back(columns_[c].rank(tuple[c]));
    });
    const std::size_t rows = ranks.size() / r.arity;
    if (r.arity <= 4) return packed(ranks, rows, r.arity);
    std::vector<std::uint32_t> order(rows);
    for (std::uint32_t i = 0; i < rows; ++i) order[i] = i;
    const std::size_t n = r.arity;
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return std::lexicographical_compare(&ranks[a * n], &ranks[a * n] + n, &ranks[b * n], &ranks[b * n] + n);
    });
    for (std::uint32_t i : order)
      if (!row(&ranks[i * n])) return false;
    return true;
  }

  bool packed(const std::vector<std::uint32_t>& ranks, std::size_t rows, std::size_t n) {
    std::vector<Packed> keys(rows, 0);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t c = 0; c < n; ++c) keys[i] = keys[i] << 32 | ranks[i * n + c];
    std::sort(keys.begin(), keys.end());
    std::uint32_t tuple[4];
    for (Packed key : keys) {
      for (std::size_t c = n; c-- > 0; key >>= 32) tuple[c] = static_cast<std::uint32_t>(key);
      if (!row(tuple)) return false;
    }
    return true;
  }

  void begin() {
    buffer_ += layout_.head;
    first_ = false;
    begun_ = true;
  }

  bool row(const std::uint32_t* ranks) {
    if (!begun_) begin();
    if (!first_row_) buffer_ += layout_.between_rows;
    first_row_ = false;
    buffer_ += layout_.row;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (c) buffer_ += layout_.between_args;
      buffer_ += layout_.before_arg;
      columns_[c].append(buffer_, ranks[c]);
    }
    buffer_ += layout_.row_end;
    return buffer_.size() < kPiece || flush();
  }

  bool flush() {
    const bool ok = buffer_.empty() || out_(buffer_);
    buffer_.clear();
    return ok;
  }

  const Program::Parts& parts_;
  const engine::SetExecutor& sets_;
  const Symbols& symbols_;
  std::string_view format_;
  bool colour_;
  const std::function<bool(std::string_view)>& out_;
  std::string buffer_;
  Layout layout_;
  std::vector<Column> columns_;
  std::vector<std::optional<Id>> pattern_;
  bool has_pattern_ = false, first_ = true, first_row_ = true, begun_ = false;
};

}  // namespace

bool can_write_sets(const Program::Parts& parts, const engine::Evaluation* evaluation) {
  const Settings& s = parts.settings;
  return evaluation && evaluation->sets() && !evaluation->stopped() && !s.proofs && !s.depends_on && !s.threshold &&
         s.abstain.empty() && parts.networks.empty();
}

bool write_sets(const Program::Parts& parts, const engine::Evaluation& evaluation, std::string_view format, bool colour,
                const std::function<bool(std::string_view)>& out) {
  return Writer(parts, evaluation, format, colour, out).run();
}

}  // namespace tenfold::answer
