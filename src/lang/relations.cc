// Which relations there are and how many columns they have: declarations first, then every head and fact.
//   @network("chest-xray", labels=["normal", "pneumonia"]) type finding(bound study: Image, label: String)
#include <algorithm>

#include "base/text_template.h"
#include "lang/aggregate_forms.h"
#include "lang/attributes.h"
#include "lang/foreign.h"
#include "lang/rule_builder.h"

namespace tenfold::lang {
namespace {

constexpr std::size_t kMaxNetworks = 1000;

class RelationTable {
 public:
  explicit RelationTable(Unit& unit) : unit_(unit) {}

  void run() {
    for_each([&](const syntax::Item& item) {
      if (const auto* types = std::get_if<syntax::TypeRelations>(&item.what)) declare(item, *types);
    });
    for (const Behalf& refusal : refusals_) connect(refusal);
    for (const Behalf& exact : exacts_) offload(exact);
    for_each([&](const syntax::Item& item) { given(item); });
  }

 private:
  /// A relation that goes with a network.
  struct Behalf {
    RelationId relation;
    std::string network;
    Span span;
  };

  template <class Visit>
  void for_each(Visit visit) {
    for (const syntax::File& file : unit_.files)
      for (const syntax::Item& item : file.items) visit(item);
  }

  // ---- declarations ----

  void declare(const syntax::Item& item, const syntax::TypeRelations& types) {
    const ItemAttributes attributes = read_attributes(unit_, item);
    const bool for_one = attributes.file || attributes.demanded || attributes.networked || attributes.read ||
                         attributes.refused || attributes.exacted;
    if (for_one && types.relations.size() > 1)
      unit_.error("attribute", item.attributes[0].span, "this attribute stands before several relations",
                  "declare each relation with a `type` of its own");
    for (const syntax::RelationDecl& decl : types.relations) {
      const RelationId id = declare(decl);
      if (id == kNone) continue;
      Relation& relation = unit_.relations[id].relation;
      relation.hidden = attributes.hidden;
      relation.files = attributes.files;
      if (attributes.demanded) adorn(id, attributes.demand, attributes.demanded->span);
      if (attributes.networked || attributes.read) perceived(id, attributes);
      if (attributes.exacted) exacts_.push_back({id, attributes.exact, attributes.exacted->span});
      if (attributes.refused) refusals_.push_back({id, attributes.refusal, attributes.refused->span});
    }
  }

  RelationId declare(const syntax::RelationDecl& decl) {
    if (reserved_predicate(decl.name.text)) {
      unit_.error("foreign", decl.name.span,
                  ticked(decl.name.text) + " is computed by the engine and cannot be declared", "choose another name");
      return kNone;
    }
    const auto known = unit_.relation_ids.find(std::string(decl.name.text));
    if (known != unit_.relation_ids.end()) {
      unit_.error("duplicate", decl.name.span,
                  "the relation " + ticked(decl.name.text) + " is declared twice, first " +
                      unit_.sources.where_text(unit_.relations[known->second].span, decl.name.span),
                  "remove one of the two, or rename it");
      return kNone;
    }
    const RelationId id = add(decl.name);
    DraftRelation& draft = unit_.relations[id];
    draft.known = draft.relation.declared = true;
    for (const auto& arg : decl.args) {
      Column column;
      column.name = std::string(arg.name);
      column.bound = arg.bound;
      if (unit_.types.contains(arg.type.text)) column.domain = std::string(arg.type.text);
      const auto type = resolve_type(unit_, arg.type);
      if (type) column.type = *type;
      draft.typed.push_back(type.has_value());
      draft.relation.columns.push_back(std::move(column));
    }
    return id;
  }

  RelationId add(const syntax::Name& name) {
    const auto id = static_cast<RelationId>(unit_.relations.size());
    unit_.relation_ids.emplace(std::string(name.text), id);
    DraftRelation draft;
    draft.relation.name = std::string(name.text);
    draft.relation.place = unit_.sources.place(name.span);
    draft.span = name.span;
    unit_.relations.push_back(std::move(draft));
    return id;
  }

  void adorn(RelationId id, const std::string& pattern, Span span) {
    auto& columns = unit_.relations[id].relation.columns;
    if (pattern.empty()) return;
    if (pattern.size() != columns.size() || pattern.find_first_not_of("bf") != std::string::npos)
      return unit_.error("attribute", span,
                         ticked(unit_.relations[id].relation.name) + " has " + count(columns.size(), "column") +
                             ", and \"" + pattern + "\" is no pattern for it",
                         "write one letter a column: b where the value is given, f where it is found");
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (columns[c].bound && pattern[c] == 'f')
        unit_.error("attribute", span,
                    "column " + std::to_string(c + 1) + " is declared bound, and free by this pattern",
                    "let both say the same");
      columns[c].bound = pattern[c] == 'b';
    }
  }

  static std::string count(std::size_t n, std::string_view what) {
    return std::to_string(n) + " " + std::string(what) + (n == 1 ? "" : "s");
  }

  // ---- networks ----

  void perceived(RelationId id, ItemAttributes attributes) {
    DraftRelation& draft = unit_.relations[id];
    Relation& relation = draft.relation;
    const Span span = (attributes.networked ? attributes.networked : attributes.read)->span;
    if (attributes.networked && attributes.read)
      return unit_.error("attribute", span, "a relation is either said by a network or read from a medium",
                         "remove one of the two");
    if (attributes.read) {
      if (attributes.media_relation.empty()) attributes.media_relation = relation.name;
      attributes.network = attributes.media + "." + attributes.media_relation;
    }
    const auto inputs = network_inputs(draft, attributes);
    if (!inputs) return;
    if (!relation.files.empty())
      unit_.error("attribute", span, "a relation is either read from a table or answered by a network or a medium",
                  "remove one of the two");
    for (std::size_t n = 0; n < unit_.networks.size(); ++n)
      if (unit_.networks[n].name == attributes.network)
        return unit_.error(
            "duplicate", span,
            (attributes.read ? "the relation " : "the network ") + ticked(attributes.network) +
                " is used twice, first " + unit_.sources.where_text(unit_.network_spans[n], span),
            "let both rules use the relation " + ticked(unit_.relations[unit_.networks[n].relation].relation.name));
    if (unit_.networks.size() >= kMaxNetworks)
      return unit_.error("too-large", span, "this program has more than 1000 networks", "let rules share a network");
    relation.kind = RelationKind::perceived;
    relation.network = static_cast<std::uint32_t>(unit_.networks.size());
    Network network;
    network.name = attributes.network;
    network.adapter = attributes.media;
    network.adapter_relation = attributes.media_relation;
    network.labels = attributes.labels;
    network.relation = id;
    network.inputs = *inputs;
    network.place = unit_.sources.place(span);
    if (attributes.read)
      network.answer = Network::Answer::many;
    else
      language(network, draft, attributes);
    unit_.networks.push_back(std::move(network));
    unit_.network_spans.push_back(span);
  }

  // How many columns are inputs; nothing, and an error, where the columns are not those of a network or a medium.
  std::optional<std::uint32_t> network_inputs(const DraftRelation& draft, const ItemAttributes& attributes) {
    const Relation& relation = draft.relation;
    const auto& columns = relation.columns;
    std::uint32_t inputs = 0;
    while (inputs < columns.size() && columns[inputs].bound) ++inputs;
    const auto complain = [&](std::string what, std::string_view columns_of) {
      unit_.error("network-columns", draft.span, std::move(what),
                  "write type " + relation.name + "(" + std::string(columns_of) + ")");
      return std::nullopt;
    };
    if (attributes.read && inputs != 1)
      return complain("the first column of what a medium is asked is its key, declared `bound`, and no other is",
                      "bound key: String, …");
    const bool mixed = std::any_of(columns.begin() + inputs, columns.end(), [](const Column& c) { return c.bound; });
    if (attributes.read) return inputs;
    if (inputs == 0 || inputs == columns.size() || mixed)
      return complain("the columns of a network are its inputs, declared `bound`, and then its outputs",
                      "bound input: Image, label: String");
    const std::size_t last = columns.size() - 1;
    if (!attributes.labels.empty() && (last != inputs || (draft.typed[last] && !is_text(columns[last].type))))
      return complain("a network with labels has one output, a String", "bound input: Image, label: String");
    return inputs;
  }

  // What a language model is asked and may answer; what its answer could not be held to is refused here.
  void language(Network& network, const DraftRelation& draft, const ItemAttributes& attributes) {
    using Answer = Network::Answer;
    if (attributes.labels.empty()) network.answer = attributes.grammar ? Answer::text : Answer::one;
    if (attributes.answer) {
      const std::string& word = attributes.answer->value;
      if (!attributes.labels.empty() || attributes.grammar || (word != "one" && word != "many"))
        return unit_.error("attribute", attributes.answer->span,
                           attributes.labels.empty() && !attributes.grammar
                               ? "there is no answer " + ticked(word)
                               : "`answer` says how many tuples there are, and here there is one",
                           "write \"one\" or \"many\", of a network without labels and grammar");
      if (word == "many") network.answer = Answer::many;
    }
    if (attributes.schema && (!attributes.labels.empty() || attributes.grammar))
      return unit_.error("attribute", attributes.schema->span,
                         "a schema is of tuples, and labels or a grammar say it all", "remove one of the two");
    if (attributes.grammar && !attributes.labels.empty())
      return unit_.error("attribute", attributes.grammar->span, "labels say already what the answer may be",
                         "remove one of the two");
    if (attributes.schema) network.schema = {attributes.schema->value, unit_.sources.place(attributes.schema->span)};
    if (attributes.grammar)
      network.grammar = {attributes.grammar->value, unit_.sources.place(attributes.grammar->span)};
    columns_of_answer(network, draft);
    if (attributes.prompt) prompt(network, draft, *attributes.prompt);
  }

  void columns_of_answer(const Network& network, const DraftRelation& draft) {
    const auto& columns = draft.relation.columns;
    if (network.answer == Network::Answer::label) return;
    if (network.answer == Network::Answer::text &&
        (columns.size() != network.inputs + 1u || (draft.typed.back() && !is_text(columns.back().type))))
      return unit_.error("network-columns", draft.span, "what a grammar lets through is one text",
                         "write type " + draft.relation.name + "(bound text: String, answer: String)");
    for (std::size_t c = network.inputs; c < columns.size(); ++c) {
      if (columns[c].name.empty())
        return unit_.error("network-columns", draft.span,
                           "a network is told what it answers by the names of the columns",
                           "write name: Type for each");
      const Type type = columns[c].type;
      if (!draft.typed[c] || is_text(type) || is_float(type) || type == Type::boolean || type == Type::character ||
          (is_integer(type) && type != Type::i128 && type != Type::u128))
        continue;
      return unit_.error("network-columns", draft.span,
                         "the column " + ticked(columns[c].name) + " is of the type " + std::string(name(type)) +
                             ", which a network cannot be held to",
                         "declare it as String, and convert it in a rule");
    }
  }

  void prompt(Network& network, const DraftRelation& draft, const ItemAttributes::Text& text) {
    const auto complain = [&](std::size_t at, std::size_t size, std::string what, std::string hint) {
      Span span = text.span;
      if (text.body != 0)
        span.begin = text.body + static_cast<std::uint32_t>(at),
        span.end = span.begin + static_cast<std::uint32_t>(size);
      unit_.error("prompt", span, std::move(what), std::move(hint));
    };
    const auto parsed = TextTemplate::parse(text.value);
    if (!parsed) {
      const Error& e = parsed.error();
      return complain(e.place.column - 1, e.place.length, e.what, e.hint);
    }
    const auto& columns = draft.relation.columns;
    std::vector<std::string> bound;
    for (std::size_t c = 0; c < network.inputs; ++c) bound.push_back(columns[c].name);
    if (const TextTemplate::Part* part = parsed->stranger(bound))
      return complain(part->at, part->size,
                      ticked(part->text) + " is no bound column of " + ticked(draft.relation.name),
                      did_you_mean(part->text, bound, "name one of its inputs, or write {{ and }} for braces"));
    if (!parsed->has_holes())
      return complain(0, text.value.size(), "the prompt says nothing of the input, so all would be answered alike",
                      "put {" + bound.front() + "} into it");
    network.prompt = text.value;
    network.prompt_place = unit_.sources.place(text.span);
  }

  std::optional<std::uint32_t> network_of(const Behalf& behalf) {
    std::vector<std::string> names;
    for (const Network& n : unit_.networks) names.push_back(n.name);
    const auto found = std::find(names.begin(), names.end(), behalf.network);
    if (found != names.end()) return static_cast<std::uint32_t>(found - names.begin());
    unit_.error("unknown-network", behalf.span, "there is no network " + ticked(behalf.network),
                did_you_mean(behalf.network, names, "declare it: @network(\"" + behalf.network + "\") type …"));
    return std::nullopt;
  }

  void connect(const Behalf& refusal) {
    const auto index = network_of(refusal);
    if (!index) return;
    Network& network = unit_.networks[*index];
    DraftRelation& draft = unit_.relations[refusal.relation];
    const auto& columns = draft.relation.columns;
    const auto& asked = unit_.relations[network.relation].relation.columns;
    bool fits = columns.size() == network.inputs + 1u;
    for (std::size_t c = 0; fits && c < columns.size(); ++c)
      fits = c < network.inputs ? columns[c].bound && columns[c].type == asked[c].type
                                : !columns[c].bound && columns[c].type == Type::string;
    if (!fits)
      return unit_.error("network-columns", draft.span,
                         "a refusal has the inputs of its network and then a reason, a String",
                         "write type " + draft.relation.name + "(bound input: Image, reason: String)");
    if (network.refusal != kNone)
      return unit_.error("duplicate", refusal.span,
                         "the network " + ticked(refusal.network) + " has a refusal relation already",
                         "use " + ticked(unit_.relations[network.refusal].relation.name));
    network.refusal = refusal.relation;
    draft.refuses = *index;
  }

  // ---- what answers in place of a network ----

  void offload(const Behalf& exact) {
    const auto index = network_of(exact);
    if (!index) return;
    const RelationId front = unit_.networks[*index].relation;
    const std::uint32_t inputs = unit_.networks[*index].inputs;
    const auto& theirs = unit_.relations[front].relation.columns;
    const auto& mine = unit_.relations[exact.relation].relation.columns;
    bool fits = exact.relation != front && mine.size() == theirs.size();
    for (std::size_t c = 0; fits && c < mine.size(); ++c)
      fits = mine[c].type == theirs[c].type && !(mine[c].bound && c >= inputs);
    const std::string& name = unit_.relations[exact.relation].relation.name;
    if (!fits)
      return unit_.error("network-columns", exact.span,
                         ticked(name) + " answers in place of the network " + ticked(exact.network) +
                             " and has the columns of " + ticked(unit_.relations[front].relation.name),
                         "declare the same types in the same order, none bound but inputs");
    if (unit_.networks[*index].front != kNone)
      return unit_.error("duplicate", exact.span,
                         "a relation answers in place of the network " + ticked(exact.network) + " already",
                         "let one relation be derived from both");
    unit_.networks[*index].front = front;
    unit_.networks[*index].relation = behind(front);
    unit_.relations[front].relation.kind = RelationKind::plain;
    unit_.relations[front].relation.network = kNone;
    const RelationId seen = unit_.networks[*index].relation;
    if (!unit_.offload) return rule(front, inputs, {{seen, false}}, exact.span);
    rule(front, inputs, {{exact.relation, false}}, exact.span);
    rule(front, inputs, {{exact.relation, true}, {seen, false}}, exact.span);
  }

  // A relation that no text can name, with the columns of another.
  RelationId behind(RelationId id) {
    DraftRelation draft = unit_.relations[id];
    draft.relation.name += "#";
    draft.relation.hidden = true;
    unit_.relations.push_back(std::move(draft));
    return static_cast<RelationId>(unit_.relations.size() - 1);
  }

  // head(x, y) = body(x, y) for each of `body`; what a negative literal has beyond the inputs is left open.
  void rule(RelationId head, std::uint32_t inputs, const std::vector<std::pair<RelationId, bool>>& body, Span span) {
    DraftRule made;
    made.head = head;
    made.span = span;
    made.text = unit_.sources.text(span);
    RuleBuilder builder(unit_, made);
    for (std::size_t c = 0; c < unit_.relations[head].relation.columns.size(); ++c)
      made.head_args.push_back(builder.made(span));
    for (const auto& [relation, negated] : body) {
      std::vector<DraftExpr> args = made.head_args;
      for (std::size_t c = inputs; negated && c < args.size(); ++c) args[c] = builder.wildcard(span);
      builder.atom(relation, std::move(args), negated ? LiteralKind::negative : LiteralKind::positive, span);
    }
    unit_.rules.push_back(std::move(made));
  }

  // ---- heads and facts ----

  void given(const syntax::Item& item) {
    if (const auto* set = std::get_if<syntax::FactSet>(&item.what)) {
      if (!set->tuples.empty())
        add_given(set->name, set->tuples[0].count);
      else
        add_given(set->name, std::nullopt);
    } else if (const auto* fact = std::get_if<syntax::Fact>(&item.what)) {
      add_given(fact->atom.name, fact->atom.args.size());
    } else if (const auto* rule = std::get_if<syntax::Rule>(&item.what)) {
      for (const syntax::Atom& head : rule->heads) add_given(head.name, head.args.size());
    } else if (const auto* reduce = std::get_if<syntax::ReduceRule>(&item.what)) {
      const auto results = result_columns(*reduce->aggregate);
      add_given(reduce->name, results);
    } else {
      return;
    }
    if (item.attributes.empty()) return;
    const ItemAttributes attributes = read_attributes(unit_, item);
    for (const syntax::Name& name : heads(item)) {
      const auto id = unit_.relation_ids.find(std::string(name.text));
      if (id == unit_.relation_ids.end()) continue;
      if (attributes.hidden) unit_.relations[id->second].relation.hidden = true;
      if (attributes.demanded && unit_.relations[id->second].known)
        adorn(id->second, attributes.demand, attributes.demanded->span);
    }
  }

  static std::vector<syntax::Name> heads(const syntax::Item& item) {
    if (const auto* set = std::get_if<syntax::FactSet>(&item.what)) return {set->name};
    if (const auto* fact = std::get_if<syntax::Fact>(&item.what)) return {fact->atom.name};
    if (const auto* reduce = std::get_if<syntax::ReduceRule>(&item.what)) return {reduce->name};
    std::vector<syntax::Name> out;
    for (const syntax::Atom& head : std::get<syntax::Rule>(item.what).heads) out.push_back(head.name);
    return out;
  }

  void add_given(const syntax::Name& name, std::optional<std::size_t> columns) {
    if (reserved_predicate(name.text)) return;  // reported where the rule is read
    const auto known = unit_.relation_ids.find(std::string(name.text));
    const RelationId id = known == unit_.relation_ids.end() ? add(name) : known->second;
    DraftRelation& draft = unit_.relations[id];
    if (draft.known || !columns) return;
    draft.known = true;
    draft.relation.columns.resize(*columns);
    draft.typed.resize(*columns, false);
  }

  Unit& unit_;
  std::vector<Behalf> refusals_, exacts_;
};

}  // namespace

void declare_relations(Unit& unit) { RelationTable(unit).run(); }

}  // namespace tenfold::lang
