#include "lang/attributes.h"

#include <algorithm>
#include <array>
#include <set>

namespace tenfold::lang {
namespace {

using syntax::Attribute;
using syntax::AttributeValue;

enum Target : unsigned { kType = 1, kRel = 2, kQuery = 4, kOther = 8 };

struct Known {
  std::string_view name;
  unsigned targets;
  std::string_view form;
};

constexpr std::array kKnown = {
    Known{"file", kType | kQuery, "@file(\"table.csv\", header=true)"},
    Known{"hidden", kType | kRel, "@hidden"},
    Known{"demand", kType | kRel, "@demand(\"bf\")"},
    Known{"network", kType, "@network(\"name\", labels=[\"yes\", \"no\"])"},
    Known{"media", kType, "@media(\"document\")"},
    Known{"refusal", kType, "@refusal(\"name of a network\")"},
    Known{"exact", kType, "@exact(\"name of a network\")"},
    Known{"source", kRel | kType, "@source(\"citation\")"},
    Known{"goal", kType | kRel, "@goal"},
    Known{"scheduler", kType | kRel, "@scheduler(\"lfp\")"},
    Known{"storage", kType | kRel, "@storage(\"sorted\")"},
    Known{"no_temp_relation", kRel, "@no_temp_relation"},
    Known{"tagged", kRel, "@tagged"},
};

unsigned target(const syntax::Item& item) {
  if (std::holds_alternative<syntax::TypeRelations>(item.what)) return kType;
  if (std::holds_alternative<syntax::Query>(item.what)) return kQuery;
  if (std::holds_alternative<syntax::FactSet>(item.what) || std::holds_alternative<syntax::Fact>(item.what) ||
      std::holds_alternative<syntax::Rule>(item.what) || std::holds_alternative<syntax::ReduceRule>(item.what))
    return kRel;
  return kOther;
}

class Reader {
 public:
  Reader(Unit& unit, const syntax::Item& item) : unit_(unit), item_(item) {}

  ItemAttributes run() {
    std::set<std::string_view> met;
    for (const Attribute& a : item_.attributes) {
      const auto known =
          std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& k) { return k.name == a.name.text; });
      if (known == kKnown.end()) {
        unknown(a);
        continue;
      }
      form_ = known->form;
      if (!(known->targets & target(item_))) {
        complain(a.span, "@" + std::string(a.name.text) + " cannot stand here", "it belongs " + place(known->targets));
        continue;
      }
      if (!met.insert(a.name.text).second && a.name.text != "file") {
        complain(a.span, "@" + std::string(a.name.text) + " stands here twice", "remove one of the two");
        continue;
      }
      read(a);
    }
    return std::move(out_);
  }

 private:
  void complain(Span span, std::string what, std::string hint) {
    unit_.error("attribute", span, std::move(what), std::move(hint));
  }

  static std::string place(unsigned targets) {
    std::string out;
    auto add = [&](unsigned t, std::string_view words) {
      if (targets & t) out += (out.empty() ? "" : " or ") + std::string(words);
    };
    add(kType, "before `type`");
    add(kRel, "before `rel`");
    add(kQuery, "before `query`");
    return out;
  }

  void unknown(const Attribute& a) {
    std::vector<std::string> names;
    for (const Known& k : kKnown) names.emplace_back(k.name);
    unit_.error("unknown-attribute", a.name.span, "there is no attribute @" + std::string(a.name.text),
                did_you_mean(a.name.text, names,
                             "known are @file, @hidden, @demand, @network, @media, @refusal, @exact and @source"));
  }

  void read(const Attribute& a) {
    const std::string_view name = a.name.text;
    if (name == "hidden") out_.hidden = true;
    if (name == "file") file(a);
    if (name == "network") network(a);
    if (name == "media") media(a);
    if (name == "source") source(a);
    if (name == "scheduler" || name == "storage") advice(a);
    if (name == "demand") {
      out_.demand = one_text(a);
      out_.demanded = &a;
    }
    if (name == "exact") {
      out_.exact = one_text(a);
      out_.exacted = out_.exact.empty() ? nullptr : &a;
    }
    if (name == "refusal") {
      out_.refusal = one_text(a);
      out_.refused = out_.refusal.empty() ? nullptr : &a;
    }
  }

  // How Scallop is to explore or keep a relation. Answers depend on neither here, so it is checked and no more.
  void advice(const Attribute& a) {
    const bool explores = a.name.text == "scheduler";
    const std::vector<std::string> names = explores ? std::vector<std::string>{"lfp", "dfs", "astar", "beam"}
                                                    : std::vector<std::string>{"sorted", "indexed_vec"};
    const auto named = !a.args.empty() && !a.args[0].name ? text(a.args[0].value) : std::nullopt;
    bool fine = named.has_value();
    for (std::size_t i = 1; i < a.args.size() && fine; ++i)
      fine = explores && i == 1 && a.args[i].name && a.args[i].name->text == "beam_size" &&
             a.args[i].value.kind == AttributeValue::Kind::literal && a.args[i].value.literal == Tok::integer;
    if (!fine)
      return complain(a.span, "@" + std::string(a.name.text) + " takes one text" + (explores ? ", and beam_size" : ""),
                      "write " + std::string(form_));
    if (std::find(names.begin(), names.end(), *named) != names.end()) return;
    std::string known;
    for (const std::string& each : names) known += (known.empty() ? "" : ", ") + ticked(each);
    complain(a.args[0].value.span, "there is no " + std::string(explores ? "scheduler " : "storage ") + ticked(*named),
             did_you_mean(*named, names, "use one of " + known));
  }

  void source(const Attribute& a) {
    constexpr std::size_t kLongest = 2000;
    out_.source = one_text(a);
    if (out_.source.size() > kLongest)
      complain(a.span, "this citation is longer than 2000 bytes", "name the publication, and where in it");
  }

  std::string one_text(const Attribute& a) {
    if (a.args.size() == 1 && !a.args[0].name)
      if (auto value = text(a.args[0].value); value && !value->empty()) return *value;
    complain(a.span, "@" + std::string(a.name.text) + " takes one text", "write " + std::string(form_));
    return {};
  }

  std::optional<std::string> text(const AttributeValue& v) const {
    if (v.kind != AttributeValue::Kind::literal || v.literal != Tok::string) return std::nullopt;
    return unescape(literal_body(Tok::string, unit_.sources.text(v.span)));
  }

  std::optional<bool> truth(const AttributeValue& v) const {
    if (v.literal == Tok::k_true) return true;
    if (v.literal == Tok::k_false) return false;
    return std::nullopt;
  }

  /// One text, or a list or tuple of texts; nothing when something else is among them.
  std::optional<std::vector<std::string>> texts(const AttributeValue& v) const {
    if (const auto one = text(v)) return std::vector<std::string>{*one};
    if (v.kind == AttributeValue::Kind::literal) return std::nullopt;
    std::vector<std::string> out;
    for (const AttributeValue& item : v.items) {
      const auto one = text(item);
      if (!one) return std::nullopt;
      out.push_back(*one);
    }
    return out;
  }

  std::optional<ItemAttributes::Text>* form_of(std::string_view name) {
    return name == "prompt"    ? &out_.prompt
           : name == "answer"  ? &out_.answer
           : name == "schema"  ? &out_.schema
           : name == "grammar" ? &out_.grammar
                               : nullptr;
  }

  std::optional<ItemAttributes::Text> language_text(const AttributeValue& v) const {
    const auto value = text(v);
    if (!value) return std::nullopt;
    const std::string_view token = unit_.sources.text(v.span), body = literal_body(Tok::string, token);
    const auto at = v.span.begin + static_cast<std::uint32_t>(body.data() - token.data());
    return ItemAttributes::Text{*value, v.span, body == *value ? at : 0};
  }

  void network(const Attribute& a) {
    bool fine = !a.args.empty();
    for (std::size_t i = 0; i < a.args.size(); ++i) {
      const auto& arg = a.args[i];
      if (i == 0 && !arg.name) {
        out_.network = text(arg.value).value_or("");
        fine = fine && !out_.network.empty();
      } else if (arg.name && arg.name->text == "labels") {
        const auto labels = texts(arg.value);
        fine = fine && labels && !labels->empty();
        if (labels) out_.labels = *labels;
      } else if (auto* form = arg.name ? form_of(arg.name->text) : nullptr; form) {
        *form = language_text(arg.value);
        fine = fine && *form && !(*form)->value.empty();
      } else {
        fine = false;
      }
    }
    if (!fine)
      return complain(a.span, "@network takes a name and labels, or a prompt",
                      "write " + std::string(form_) + R"(, or @network("name", prompt="…{text}…"))");
    std::set<std::string_view> distinct(out_.labels.begin(), out_.labels.end());
    if (distinct.size() != out_.labels.size() || distinct.contains(""))
      return complain(a.span, "the labels of a network are different texts, none empty", "write each label once");
    out_.networked = &a;
  }

  void media(const Attribute& a) {
    bool fine = !a.args.empty() && a.args.size() <= 2;
    for (std::size_t i = 0; i < a.args.size(); ++i) {
      const auto& arg = a.args[i];
      const auto value = text(arg.value);
      fine = fine && value && !value->empty() && (i == 0 ? !arg.name : arg.name && arg.name->text == "name");
      if (value) (i == 0 ? out_.media : out_.media_relation) = *value;
    }
    if (!fine)
      return complain(a.span, "@media takes the name of an adapter, and of its relation where that differs",
                      "write " + std::string(form_) + ", or @media(\"document\", name=\"word\")");
    out_.read = &a;
  }

  void file(const Attribute& a) {
    FileInput input;
    input.place = unit_.sources.place(a.span);
    if (a.args.empty() || a.args[0].name || !text(a.args[0].value))
      return complain(a.span, "@file takes the path of a table", "write " + std::string(form_));
    input.path = *text(a.args[0].value);
    const Kind kind = kind_of(input.path);
    if (kind == Kind::unknown)
      return complain(a.args[0].value.span,
                      "tables are read from .csv, .tsv, .jsonl, .parquet and .sqlite files and from postgresql://",
                      "convert the file to CSV");
    if (kind == Kind::server && holds_password(input.path))
      return complain(a.args[0].value.span, "this address holds a password", "put it into PGPASSWORD or ~/.pgpass");
    if (ends(input.path, ".tsv")) input.delimiter = '\t';
    for (std::size_t i = 1; i < a.args.size(); ++i)
      if (!option(input, a.args[i])) return;
    if ((kind == Kind::database || kind == Kind::server) && input.query.empty() && target(item_) == kType)
      return complain(a.span, "a database has tables of its own", "say which rows: sql=\"SELECT … FROM …\"");
    if (kind != Kind::csv && !input.keys.empty())
      return complain(a.span, "`keys` is for CSV files", "choose the columns by a query");
    if (!input.query.empty() && (!input.keys.empty() || !input.fields.empty()))
      return complain(a.span, "a query chooses its columns itself", "remove `keys` and `fields`");
    if (kind == Kind::csv && input.query.empty() && input.skip_nulls)
      return complain(a.span, "CSV has no missing values", "remove `nulls`, or choose the rows by a query");
    if (!ends(input.path, ".csv") && !ends(input.path, ".tsv") && target(item_) == kQuery)
      return complain(a.args[0].value.span, "answers are written to .csv and .tsv files", "write \"answers.csv\"");
    if (!input.keys.empty() || !input.fields.empty()) input.header = true;
    out_.files.push_back(std::move(input));
    out_.file = &a;
  }

  enum class Kind : std::uint8_t { unknown, csv, file, database, server };

  static bool ends(std::string_view path, std::string_view tail) {
    return path.size() > tail.size() && path.ends_with(tail);
  }

  /// postgresql://user:secret@host/name?password=secret. Programs and receipts are shown to people.
  static bool holds_password(std::string_view address) {
    if (address.find("password=") != std::string_view::npos) return true;
    address.remove_prefix(address.find("//") + 2);
    address = address.substr(0, address.find_first_of("/?"));
    const std::size_t at = address.rfind('@');
    return at != std::string_view::npos && address.substr(0, at).find(':') != std::string_view::npos;
  }

  static Kind kind_of(std::string_view path) {
    if (path.starts_with("postgresql://") || path.starts_with("postgres://")) return Kind::server;
    for (const std::string_view tail : {".csv", ".tsv", ".RRF", ".txt"})
      if (ends(path, tail)) return Kind::csv;
    for (const std::string_view tail : {".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".parquet"})
      if (ends(path, tail)) return Kind::file;
    for (const std::string_view tail : {".db", ".sqlite", ".sqlite3"})
      if (ends(path, tail)) return Kind::database;
    return Kind::unknown;
  }

  bool option(FileInput& input, const Attribute::Argument& arg) {
    const std::string_view name = arg.name ? arg.name->text : std::string_view();
    bool fine = true;
    if (name == "header" || name == "has_header") {
      const auto value = truth(arg.value);
      fine = value.has_value();
      input.header = value.value_or(false);
    } else if (name == "has_probability") {
      const auto value = truth(arg.value);
      fine = value.has_value();
      input.has_probability = value.value_or(false);
    } else if (name == "deliminator" || name == "delimiter") {
      const auto value = text(arg.value);
      fine = value && value->size() == 1 && static_cast<unsigned char>((*value)[0]) < 0x80 && *value != "\"" &&
             *value != "\n";
      if (fine) input.delimiter = (*value)[0];
    } else if (name == "sql") {
      const auto value = text(arg.value);
      fine = value && !value->empty();
      input.query = value.value_or("");
    } else if (name == "nulls") {
      const auto value = text(arg.value);
      fine = value == "skip" || value == "error";
      input.skip_nulls = value == "skip";
    } else if (name == "keys" || name == "fields") {
      const auto value = texts(arg.value);
      fine = value && !value->empty();
      if (fine) (name == "keys" ? input.keys : input.fields) = *value;
    } else {
      const std::vector<std::string> names = {"header", "delimiter", "has_probability", "keys", "fields",
                                              "query",  "nulls"};
      complain(arg.name ? arg.name->span : arg.value.span, "@file has no such option",
               did_you_mean(name, names, "it takes header, delimiter, has_probability, keys, fields, sql and nulls"));
      return false;
    }
    if (!fine)
      complain(arg.value.span, "this is no value for the option " + ticked(name),
               name == "delimiter" || name == "deliminator" ? "write one ASCII character: delimiter=\";\""
               : name == "sql"                              ? "write a text: sql=\"SELECT …\""
               : name == "nulls"                            ? "write nulls=\"skip\" or nulls=\"error\""
               : name == "keys" || name == "fields" ? "write column names: " + std::string(name) + "=[\"a\", \"b\"]"
                                                    : "write true or false");
    return fine;
  }

  Unit& unit_;
  const syntax::Item& item_;
  ItemAttributes out_;
  std::string_view form_;
};

}  // namespace

ItemAttributes read_attributes(Unit& unit, const syntax::Item& item) {
  if (item.attributes.empty()) return {};
  return Reader(unit, item).run();
}

}  // namespace tenfold::lang
