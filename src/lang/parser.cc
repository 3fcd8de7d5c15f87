#include "lang/parser.h"

#include "lang/parse_formula.h"

namespace tenfold::lang {
namespace syntax {
namespace {

class Parser : public FormulaParser {
 public:
  using FormulaParser::FormulaParser;

  File run() {
    File file;
    while (!is(Tok::end)) {
      const std::size_t start = at_;
      Item item;
      const Span begin = here();
      while (is(Tok::at)) item.attributes.push_back(attribute());
      declaration(item);
      item.span = join(begin, last());
      if (!panic_) {
        file.items.push_back(std::move(item));
        continue;
      }
      recover(start);
      for (std::size_t i = start; i < at_; ++i)
        if (tokens_[i].kind == Tok::name) file.doubtful.push_back(sources_.text(tokens_[i].span));
    }
    return file;
  }

 private:
  void declaration(Item& item) {
    const Span begin = here();
    switch (peek()) {
      case Tok::k_import:
        take();
        item.what = Import{here()};
        expect(Tok::string, "write the file's name between quotes");
        return;
      case Tok::k_extern:
      case Tok::k_type:
        return type(item);
      case Tok::k_const:
        return constants(item);
      case Tok::k_rel:
        take();
        return relation(item);
      case Tok::k_query: {
        take();
        Query query;
        query.name = name("write query name, or query name(…)");
        if (accept(Tok::left_paren)) {
          Atom atom;
          atom.name = query.name;
          atom.args = arguments(Tok::right_paren, true);
          atom.span = join(query.name.span, last());
          query.atom = std::move(atom);
        }
        query.span = join(begin, last());
        item.what = std::move(query);
        return;
      }
      default:
        if (is(Tok::dot) || is(Tok::semicolon))
          unexpected("expected the next declaration", "nothing ends a declaration: leave this out");
        else
          unexpected("expected a declaration", "declarations begin with import, type, const, rel or query");
    }
  }

  Attribute attribute() {
    Attribute a;
    const Span begin = take().span;
    a.name = name("attributes are written @name or @name(…)");
    if (accept(Tok::left_paren)) {
      while (!is(Tok::right_paren) && !panic_) {
        Attribute::Argument argument;
        if (is(Tok::name)) {
          argument.name = name("");
          expect(Tok::assign, "named values of attributes are written name = value");
        }
        argument.value = attribute_value();
        a.args.push_back(std::move(argument));
        if (!accept(Tok::comma)) break;
      }
      expect(Tok::right_paren, "close the bracket of the attribute");
    }
    a.span = join(begin, last());
    return a;
  }

  AttributeValue attribute_value() {
    const Deeper deeper(*this);
    AttributeValue v;
    v.span = here();
    if (at_literal()) {
      v.literal = take().kind;
      return v;
    }
    if (!is(Tok::left_paren) && !is(Tok::left_bracket)) {
      unexpected("expected a value", "attributes take constants, (…) and […]");
      return v;
    }
    const Tok close = is(Tok::left_paren) ? Tok::right_paren : Tok::right_bracket;
    v.kind = is(Tok::left_paren) ? AttributeValue::Kind::tuple : AttributeValue::Kind::list;
    take();
    while (!is(close) && !panic_) {
      v.items.push_back(attribute_value());
      if (!accept(Tok::comma)) break;
    }
    expect(close, "separate values with commas, and close the bracket");
    v.span = join(v.span, last());
    return v;
  }

  void type(Item& item) {
    const bool external = accept(Tok::k_extern);
    expect(Tok::k_type, "write extern type name(…)");
    if (is(Tok::dollar)) return function_type(item);
    if (external || peek(1) == Tok::left_paren) {
      TypeRelations relations;
      relations.external = external;
      do {
        if (!relations.relations.empty() && !is(Tok::name)) break;  // a trailing comma
        relations.relations.push_back(relation_type());
      } while (accept(Tok::comma));
      item.what = std::move(relations);
      return;
    }
    TypeDecl t;
    t.name = name("write type name = …, type name <: …, or type name(…)");
    if (accept(Tok::subtype)) {
      t.kind = TypeDecl::Kind::subtype;
      t.type = type_name();
    } else if (expect(Tok::assign, "write type name = …, type name <: …, or type name(…)")) {
      type_body(t);
    }
    item.what = std::move(t);
  }

  void type_body(TypeDecl& t) {
    const bool bar = accept(Tok::bar);
    const bool alone = is(Tok::type_name) ||
                       (is(Tok::name) && peek(1) != Tok::left_paren && peek(1) != Tok::bar && peek(1) != Tok::assign);
    if (!bar && alone) {
      t.kind = TypeDecl::Kind::alias;
      t.type = type_name();
      return;
    }
    do t.members.push_back(member(t.kind));
    while (accept(Tok::bar));
  }

  TypeDecl::Member member(TypeDecl::Kind& kind) {
    TypeDecl::Member m;
    m.name = name("name the alternatives, separated by |");
    if (accept(Tok::left_paren)) {
      kind = TypeDecl::Kind::algebraic;
      while (!is(Tok::right_paren) && !panic_) {
        m.fields.push_back(type_name());
        if (!accept(Tok::comma)) break;
      }
      expect(Tok::right_paren, "close the bracket");
      return m;
    }
    if (kind == TypeDecl::Kind::alias) kind = TypeDecl::Kind::enumeration;
    if (accept(Tok::assign)) {
      if (at_literal())
        m.value = literal();
      else
        unexpected("expected a number", "the members of an enumeration have constant values");
    }
    return m;
  }

  void function_type(Item& item) {
    take();
    TypeFunction f;
    f.name = name("foreign functions are declared: type $name(…) -> type");
    expect(Tok::left_paren, "foreign functions are declared: type $name(…) -> type");
    relation_arguments();
    expect(Tok::arrow, "foreign functions are declared: type $name(…) -> type");
    type_name();
    item.what = f;
  }

  RelationDecl relation_type() {
    RelationDecl r;
    r.name = name("relations are declared: type name(column: type, …)");
    expect(Tok::left_paren, "relations are declared: type name(column: type, …)");
    r.args = relation_arguments();
    return r;
  }

  std::vector<RelationDecl::Argument> relation_arguments() {
    std::vector<RelationDecl::Argument> args;
    while (!is(Tok::right_paren) && !panic_) {
      RelationDecl::Argument a;
      a.bound = is(Tok::k_bound);
      if (!accept(Tok::k_bound)) accept(Tok::k_free);
      if (is(Tok::name) && peek(1) == Tok::colon) {
        a.name = name("").text;
        take();
      }
      a.type = type_name();
      args.push_back(a);
      if (!accept(Tok::comma)) break;
    }
    expect(Tok::right_paren, "columns are written name: type, separated by commas");
    return args;
  }

  void constants(Item& item) {
    take();
    ConstDecl decl;
    do {
      ConstDecl::Assignment a;
      a.name = name("constants are written: const NAME = value");
      if (accept(Tok::colon)) a.type = type_name();
      expect(Tok::assign, "constants are written: const NAME = value");
      a.value = argument();
      decl.assignments.push_back(std::move(a));
    } while (accept(Tok::comma));
    item.what = std::move(decl);
  }

  // ---- rel ----

  void relation(Item& item) {
    const std::size_t start = at_;
    const bool defines = peek(1) == Tok::assign || peek(1) == Tok::define;
    if (is(Tok::name) && defines) {
      const Name head = name("");
      take();
      if (is(Tok::left_brace)) return set(item, head);
      if (at_aggregate()) return reduce_rule(item, head, start);
      unexpected("expected {…} or an aggregate",
                 "facts are written name = {…}, rules name(x) = …, aggregates name = count(x: …)");
      return;
    }
    std::optional<Expr> tag;
    if (!is(Tok::left_brace) && !(is(Tok::name) && peek(1) == Tok::left_paren)) {
      tag = expression();
      expect(Tok::double_colon, "facts are written name = {…} or probability::name(…), rules name(x) = …");
    }
    Rule rule;
    rule.tag = std::move(tag);
    const Span begin = here();
    heads(rule);
    rule.span = join(begin, last());
    if (accept(Tok::assign) || accept(Tok::define)) {
      rule.body = formula();
      rule.text = text_since(start);
      item.what = std::move(rule);
    } else if (rule.heads.size() == 1 && !rule.exclusive) {
      item.what = Fact{std::move(rule.tag), std::move(rule.heads[0])};
    } else {
      unexpected("expected `=` and a body", "a rule is written head = body");
    }
  }

  void heads(Rule& rule) {
    if (accept(Tok::left_brace)) {
      Tok separator = Tok::end;
      while (!is(Tok::right_brace) && !panic_) {
        rule.heads.push_back(atom());
        if (separator == Tok::end && is(Tok::semicolon)) separator = Tok::semicolon;
        if (separator == Tok::end && is(Tok::comma)) separator = Tok::comma;
        if (separator == Tok::end || !accept(separator)) break;
      }
      rule.exclusive = separator == Tok::semicolon;
      expect(Tok::right_brace, "heads in brackets are separated by commas (all hold) or semicolons (one holds)");
      return;
    }
    do rule.heads.push_back(atom());
    while (accept(Tok::k_and) || accept(Tok::wedge));
  }

  void reduce_rule(Item& item, const Name& head, std::size_t start) {
    ReduceRule rule;
    rule.name = head;
    rule.aggregate = aggregate();
    rule.text = text_since(start);
    rule.span = join(head.span, last());
    item.what = std::move(rule);
  }

  void set(Item& item, const Name& head) {
    take();
    FactSet set;
    set.name = head;
    Tok separator = Tok::end;
    while (!is(Tok::right_brace) && !panic_) {
      tuple(set);
      if (separator == Tok::end) separator = is(Tok::semicolon) ? Tok::semicolon : Tok::comma;
      if (!accept(separator)) break;
    }
    set.exclusive = separator == Tok::semicolon;
    if (is(Tok::semicolon) || is(Tok::comma))
      unexpected(
          "expected " + std::string(text(separator)) + " or `}`",
          "commas separate facts that do not depend on each other, semicolons those of which one holds: not both");
    expect(Tok::right_brace, "separate facts with commas, or with semicolons where only one of them holds");
    item.what = std::move(set);
  }

  void tuple(FactSet& set) {
    FactSet::Tuple t;
    t.span = here();
    t.first = static_cast<std::uint32_t>(set.cells.size());
    if (at_literal() && peek(1) == Tok::double_colon) {
      t.tag = set_cell(set);
      take();
    }
    if (accept(Tok::left_paren)) {
      while (!is(Tok::right_paren) && !panic_) {
        set.cells.push_back(set_cell(set));
        if (!accept(Tok::comma)) break;
      }
      expect(Tok::right_paren, "separate the values of a tuple with commas, and close the bracket");
    } else {
      set.cells.push_back(set_cell(set));
    }
    t.count = static_cast<std::uint32_t>(set.cells.size()) - t.first;
    t.span = join(t.span, last());
    set.tuples.push_back(t);
  }

  SetCell set_cell(FactSet& set) {
    if (at_literal() || is(Tok::name)) {
      const Tok next = peek(1);
      if (next == Tok::comma || next == Tok::semicolon || next == Tok::right_paren || next == Tok::right_brace ||
          next == Tok::double_colon || next == Tok::end) {
        const Token t = take();
        return {t.kind, t.span};
      }
    }
    const Span begin = here();
    set.exprs.push_back(argument());
    return {Tok::end, join(begin, last()), static_cast<std::uint32_t>(set.exprs.size() - 1)};
  }
};

File parse_items(const Sources& sources, std::uint32_t file, Diagnostics& diagnostics) {
  return Parser(sources, file, diagnostics).run();
}

}  // namespace
}  // namespace syntax

syntax::File parse(const Sources& sources, std::uint32_t file, Diagnostics& diagnostics) {
  return syntax::parse_items(sources, file, diagnostics);
}

}  // namespace tenfold::lang
