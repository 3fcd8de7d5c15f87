#include "neural/backends/table.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "neural/backends/load_error.h"

namespace tenfold::neural {
namespace {

constexpr std::size_t kMaxTableBytes = std::size_t{64} << 20;
// Decimal probabilities add up to 1 only up to rounding: half an ulp each, for up to a thousand labels.
constexpr double kSumSlack = 1e-12;

/// Words and row ends of the text, with where they stand.
class Words {
 public:
  Words(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  /// The next word of the row, or nothing at its end.
  std::optional<std::string> next() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r')) ++at_;
    word_at_ = at_;
    if (at_ == text_.size() || row_ends()) return std::nullopt;
    if (text_[at_] == '"') {
      const std::size_t end = text_.find_first_of("\"\n", at_ + 1);
      if (end != std::string_view::npos && text_[end] == '"') {
        const std::string word(text_.substr(at_ + 1, end - at_ - 1));
        at_ = end + 1;
        return word;
      }
    }
    const std::size_t begin = at_;
    at_ = std::min(text_.size(), text_.find_first_of(" \t\r\n|", at_));
    return std::string(text_.substr(begin, at_ - begin));
  }
  /// What is left of the row as it stands; a row's end in double quotes is none.
  std::string_view rest() {
    word_at_ = at_;
    bool quoted = false;
    for (; at_ < text_.size() && (quoted || !row_ends()); ++at_) quoted = quoted != (text_[at_] == '"');
    return text_.substr(word_at_, at_ - word_at_);
  }
  /// Steps over the end of a row; false at the end of the text.
  bool next_row() {
    if (at_ == text_.size()) return false;
    if (row_ends()) ++at_;
    return true;
  }
  /// At the word that next() gave last.
  Error bad(std::string what) const {
    const std::string_view before = text_.substr(0, word_at_);
    const auto line = static_cast<std::uint32_t>(1 + std::count(before.begin(), before.end(), '\n'));
    const std::size_t start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    const std::size_t end = std::min(text_.size(), text_.find('\n', start));
    return {"bad-table",
            {file_, line, static_cast<std::uint32_t>(word_at_ - start + 1), 1},
            std::move(what),
            "a row reads KEY LABEL PROBABILITY [LABEL PROBABILITY]… or KEY refused CODE",
            std::string(text_.substr(start, end - start))};
  }

 private:
  bool row_ends() const { return text_[at_] == '|' || text_[at_] == '\n'; }

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0, word_at_ = 0;
};

std::optional<double> number(const std::string& word) {
  double value = 0.0;
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (failed != std::errc{} || end != word.data() + word.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<double> probability(const std::string& word) {
  const auto value = number(word);
  return value && *value >= 0.0 && *value <= 1.0 ? value : std::nullopt;
}

/// Gives the labels without a probability (NaN) an equal share of the rest.
Status share_rest(Words& words, const std::string& key, std::vector<double>& row) {
  double sum = 0.0;
  std::ptrdiff_t unnamed = 0;
  for (const double p : row) std::isnan(p) ? void(++unnamed) : void(sum += p);
  if (sum > 1.0 + kSumSlack || (unnamed == 0 && sum < 1.0 - kSumSlack)) {
    return words.bad("the probabilities of " + key + " add up to " + number_text(sum) + " and not to 1");
  }
  const double rest = std::max(0.0, 1.0 - sum) / static_cast<double>(std::max<std::ptrdiff_t>(1, unnamed));
  for (double& p : row) p = std::isnan(p) ? rest : p;
  return {};
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::string_view(" \t\r").find(text.front()) != std::string_view::npos) text.remove_prefix(1);
  while (!text.empty() && std::string_view(" \t\r").find(text.back()) != std::string_view::npos) text.remove_suffix(1);
  return text;
}

/// The text before the next `,` or `)` that is not in double quotes, without these; takes the sign as well.
std::string next_value(std::string_view& text, char& sign) {
  bool quoted = false;
  std::size_t at = 0;
  for (; at < text.size() && (quoted || (text[at] != ',' && text[at] != ')')); ++at)
    quoted = quoted != (text[at] == '"');
  std::string_view value = trimmed(text.substr(0, at));
  sign = at < text.size() ? text[at] : '\0';
  text.remove_prefix(std::min(text.size(), at + 1));
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
  return std::string(value);
}

/// "(aspirin, 100) 0.9 (codeine, 15)" or "nothing".
Result<TableRow> read_sayings(Words& words, const std::string& key, const AnswerForm& form) {
  std::string_view rest = trimmed(words.rest());
  TableRow row;
  if (rest == "nothing") return row;
  const bool plain = form.kind == AnswerForm::Kind::text;
  AnswerForm one = form;
  if (!plain) one.kind = AnswerForm::Kind::record;
  while (!rest.empty()) {
    if (rest.front() != '(') return words.bad("what is said about " + key + " stands in brackets");
    rest.remove_prefix(1);
    std::string said;
    char sign = ',';
    for (std::size_t f = 0; sign == ','; ++f) {
      const std::string value = next_value(rest, sign);
      if (plain) {
        said = value;
        continue;
      }
      if (f >= form.fields.size()) return words.bad(key + " has a tuple of more than its fields");
      const Field& field = form.fields[f];
      const bool quoted = field.kind == Field::Kind::text || field.kind == Field::Kind::character;
      said += (f == 0 ? "{" : ", ") + nlohmann::json(field.name).dump() + ": " +
              (quoted ? nlohmann::json(value).dump() : value);
    }
    if (sign != ')') return words.bad("a bracket opens here that none closes");
    const auto records = read_records(one, plain ? said : said + "}");
    if (!records) return words.bad("a tuple of " + key + " does not fit: " + records.error().what);
    rest = trimmed(rest);
    const std::string after(trimmed(rest.substr(0, rest.find('('))));
    const auto p = after.empty() ? std::optional(1.0) : probability(after);
    if (!p) return words.bad("a tuple needs a probability in [0, 1]");
    row.records.push_back({records->front(), *p});
    rest = rest.find('(') == std::string_view::npos ? "" : rest.substr(rest.find('('));
  }
  return row;
}

Result<TableRow> read_row(Words& words, const std::string& key, const std::vector<std::string>& labels,
                          const AnswerForm& form, const std::string& score) {
  TableRow row{std::vector<double>(labels.size(), std::nan("")), ""};
  std::optional<double> scored;
  auto label = words.next();
  if (!label) return words.bad("nothing is said about " + key);
  if (labels.empty() && *label == "says") return read_sayings(words, key, form);
  for (; label; label = words.next()) {
    const auto known = std::find(labels.begin(), labels.end(), *label);
    if (known == labels.end() && *label == "refused") {
      auto code = words.next();
      if (!code) return words.bad(key + " is refused without a code");
      return TableRow{{}, *code};
    }
    if (known == labels.end() && !score.empty() && *label == score) {
      const auto word = words.next();
      scored = word ? number(*word) : std::nullopt;
      if (!scored) return words.bad("`" + score + "` needs a number");
      continue;
    }
    if (known == labels.end()) return words.bad("`" + *label + "` is none of the network's labels");
    const auto word = words.next();
    const auto p = word ? probability(*word) : std::nullopt;
    if (!p) return words.bad("label `" + *label + "` needs a probability in [0, 1]");
    row.probabilities[static_cast<std::size_t>(known - labels.begin())] = *p;
  }
  if (auto fine = share_rest(words, key, row.probabilities); !fine) return fine.error();
  if (!score.empty() && !scored) return words.bad("the gate asks for `" + score + "`, which " + key + " has none of");
  row.score = scored.value_or(0.0);
  return row;
}

class TableModel : public Model {
 public:
  TableModel(Table table, std::size_t labels, bool scores)
      : table_(std::move(table)), labels_(labels), scores_(scores) {}

  Status run(const Batch& batch, Outputs& outputs) override {
    outputs.values.assign(1, std::vector<double>(batch.size() * labels_, 0.0));
    if (scores_) outputs.values.emplace_back(batch.size(), 0.0);
    outputs.refusals.assign(batch.size(), "");
    if (labels_ == 0) {
      outputs.values.clear();
      outputs.records.assign(batch.size(), {});
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto row = table_.find(batch.keys[i]);
      if (row == table_.end()) {
        outputs.refusals[i] = "unreadable";
      } else if (!row->second.refusal.empty()) {
        outputs.refusals[i] = row->second.refusal;
      } else {
        if (labels_ == 0) {
          outputs.records[i] = row->second.records;
          continue;
        }
        std::copy(row->second.probabilities.begin(), row->second.probabilities.end(),
                  outputs.values[0].begin() + static_cast<std::ptrdiff_t>(i * labels_));
        if (scores_) outputs.values[1][i] = row->second.score;
      }
    }
    return {};
  }
  double flops_per_input() const override { return 0.0; }

 private:
  const Table table_;
  const std::size_t labels_;
  const bool scores_;
};

}  // namespace

Result<Table> read_table(std::string_view text, const std::vector<std::string>& labels, const std::string& file,
                         const AnswerForm& form, const std::string& score) {
  Words words(text, file);
  if (text.size() > kMaxTableBytes) return words.bad("the table is larger than 64 MiB");
  Table table;
  do {
    const auto key = words.next();
    if (!key) continue;
    if (table.contains(*key)) return words.bad("a second row for " + *key);
    auto row = read_row(words, *key, labels, form, score);
    if (!row) return row.error();
    if (words.next()) return words.bad("words after the refusal of " + *key);
    table.emplace(*key, std::move(*row));
  } while (words.next_row());
  return table;
}

Result<std::unique_ptr<Model>> TableBackend::load(std::span<const std::byte> model, const LoadSettings& settings) {
  const bool labelled = settings.form.kind == AnswerForm::Kind::labels;
  const bool scores = labelled && settings.outputs.size() == 2 && settings.outputs[1].size == 1;
  if (settings.outputs.size() != (scores ? 2u : 1u) ||
      (labelled && settings.labels.size() != settings.outputs[0].size)) {
    return error_at("no-output", settings.path, "a table says probabilities and a gate's score, and nothing else",
                    "use another back end");
  }
  const std::string_view text(reinterpret_cast<const char*>(model.data()), model.size());
  auto table = read_table(text, settings.labels, settings.path, settings.form, scores ? settings.outputs[1].name : "");
  if (!table) return table.error();
  return std::unique_ptr<Model>(std::make_unique<TableModel>(std::move(*table), settings.labels.size(), scores));
}

}  // namespace tenfold::neural
