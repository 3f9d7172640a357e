package io.glucogrid.registry;

import io.glucogrid.feature.Aggregation;
import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.Entity;
import io.glucogrid.feature.FeatureService;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.FeatureView.OnlineTtl;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.OnDemandView;
import io.glucogrid.feature.OnDemandView.HistoricalInputTime;
import io.glucogrid.feature.Source;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.DidYouMean;
import io.glucogrid.json.Marked;
import io.glucogrid.json.Yaml;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Definition files to {@link Definitions}.
 *
 * <p>A definition file is YAML with Feast's nouns: entities, sources, feature views, on-demand feature views and feature
 * services, each a mapping from name to definition. Several files make one project; names are unique over all of them. {@code
 * like: other} takes every key of another definition of the same kind that is not given beside it.
 *
 * <p>Definitions are checked whole before anything uses them: unknown keys, wrong kinds of values, dangling references,
 * clashing names and expressions that do not compile. All problems are reported at once, each with its file and line and, for
 * a name, the nearest one that exists. What this class returns can therefore be compiled without further checks.
 *
 * <p>{@code tests:} holds golden rows: inputs of an on-demand view and the outputs they must give. They run whenever the files
 * are read, so nothing that fails its own tests is ever applied; they are no part of the registry.
 *
 * <p>JSON is YAML, so the canonical text of a registry ({@link DefinitionsText}) is read back by the same code.
 */
public final class DefinitionsParser {
    /** The only value of {@code apiVersion}. */
    static final String API_VERSION = "glucogrid/v1";

    private static final String VIEW = "feature view";
    private static final List<String> KEYS_OF_SOME_SOURCE =
            List.of("table", "path", "timestamp_field", "created_timestamp_column", "batch_source", "kafka", "schema");

    private final Problems problems = new Problems();
    private final Places places = new Places();
    private final Map<String, Entity> entities = new LinkedHashMap<>();
    private final Map<String, Source> sources = new LinkedHashMap<>();
    private final Map<String, FeatureView> views = new LinkedHashMap<>();
    private final Map<String, OnDemandView> onDemandViews = new LinkedHashMap<>();
    private final Map<String, FeatureService> services = new LinkedHashMap<>();
    private final List<GoldenRow> goldenRows = new ArrayList<>();
    private String project = "";

    /** Whether there is a file of which nothing is known, so that references cannot be judged. */
    private boolean fileMissing;

    private DefinitionsParser() {}

    /**
     * Reads files together.
     *
     * @param files text by file name, in order
     * @throws io.glucogrid.grid.GridException INVALID_CONFIG that names every problem
     */
    public static Definitions parse(Map<String, String> files) {
        return parse(files, Map.of());
    }

    /**
     * Reads files together.
     *
     * @param files text by file name, in order
     * @param unreadable what is wrong with files that have no text, by file name
     * @throws io.glucogrid.grid.GridException INVALID_CONFIG that names every problem
     */
    static Definitions parse(Map<String, String> files, Map<String, String> unreadable) {
        Map<String, Marked> documents = new LinkedHashMap<>();
        DefinitionsParser parser = new DefinitionsParser();
        unreadable.forEach((file, problem) -> {
            parser.problems.add(file, 1, problem);
            parser.fileMissing = true;
        });
        files.forEach((file, text) -> {
            int before = parser.problems.count();
            Marked document = Yaml.parse(text, (line, problem) -> parser.problems.add(file, line, problem));
            if (document.value() == null && parser.problems.count() > before) {
                parser.fileMissing = true;
            } else {
                documents.put(file, document);
            }
        });
        return parser.read(documents);
    }

    /** Reads one document that is parsed already. */
    static Definitions read(String file, Marked document) {
        return new DefinitionsParser().read(Map.of(file, document));
    }

    private Definitions read(Map<String, Marked> documents) {
        documents.forEach(this::readFile);
        Definitions definitions = new Definitions(project, entities, sources, views, onDemandViews, services);
        if (!fileMissing) {
            new DefinitionsCheck(definitions, places, problems).run();
            goldenRows.forEach(row -> row.run(definitions, places, problems));
        }
        problems.throwIfAny();
        return definitions;
    }

    private void readFile(String file, Marked document) {
        Section top = new Section(file, "the file", document, problems);
        String version = top.required("apiVersion");
        if (!version.isEmpty() && !version.equals(API_VERSION)) {
            top.problem(top.line("apiVersion"), "apiVersion must be " + API_VERSION + ", not '" + version + "'");
        }
        String name = top.name("project", top.required("project"));
        if (!project.isEmpty() && !name.isEmpty() && !project.equals(name)) {
            top.problem(top.line("project"), "project is '" + project + "' in another file");
        }
        project = project.isEmpty() ? name : project;
        each(file, top, "entities", "entity", entities, this::entity);
        each(file, top, "sources", "source", sources, this::source);
        each(file, top, "feature_views", VIEW, views, this::view);
        each(file, top, "on_demand_feature_views", "on-demand feature view", onDemandViews, this::onDemandView);
        services(file, top);
        tests(file, top);
        top.finish();
    }

    /** Makes one definition of a section. */
    private interface Reader<T> {
        @Nullable
        T read(String name, Section section);
    }

    private <T> void each(String file, Section top, String key, String kind, Map<String, T> into, Reader<T> reader) {
        Section all = top.section(key);
        if (all == null) {
            return;
        }
        Map<String, Marked> named = all.named();
        named.forEach((name, value) -> {
            places.put(kind, name, file, value.line());
            int before = problems.count();
            Section section = all.section(name, inherited(all, kind, value, named), kind);
            T made = reader.read(name, section);
            if (made == null || (problems.count() > before && !kind.equals(VIEW))) {
                places.setIncomplete(kind, name);
            }
            section.finish();
            if (made != null && isNew(all, kind, name, value, into)) {
                into.put(name, made);
            }
        });
    }

    /** Names differ by more than their case, so that no tool that folds case mixes two definitions up. */
    private static boolean isNew(Section all, String kind, String name, Marked value, Map<String, ?> known) {
        for (String other : known.keySet()) {
            if (other.equals(name)) {
                all.problem(value.line(), kind + " '" + name + "' is defined twice");
                return false;
            }
            if (other.equalsIgnoreCase(name)) {
                all.problem(value.line(), kind + " '" + name + "' differs from '" + other + "' by case only");
                return false;
            }
        }
        return true;
    }

    /** The definition with the keys of those it is {@code like} below its own. */
    private static Marked inherited(Section all, String kind, Marked own, Map<String, Marked> named) {
        Map<String, Marked> merged = new LinkedHashMap<>();
        Set<String> seen = new LinkedHashSet<>();
        Map<String, Marked> mapping = own.mapping();
        if (mapping == null) {
            return own;
        }
        while (mapping != null) {
            mapping.forEach(merged::putIfAbsent);
            Marked like = mapping.get("like");
            if (like == null) {
                break;
            }
            String next = like.scalar() == null ? "" : like.scalar();
            Marked base = named.get(next);
            if (base == null) {
                all.problem(
                        like.line(),
                        "no " + kind + " is named " + like.kind() + DidYouMean.suffix(next, named.keySet()));
            } else if (!seen.add(next)) {
                all.problem(like.line(), "'like' goes in a circle: " + String.join(" → ", seen));
                base = null;
            }
            mapping = base == null ? null : base.mapping();
        }
        merged.remove("like");
        return new Marked(own.line(), merged);
    }

    private Entity entity(String name, Section in) {
        Marked keys = in.get("join_keys");
        Marked type = in.get("value_type");
        List<Field> joinKeys = new ArrayList<>();
        if (keys != null && keys.mapping() != null) {
            joinKeys.addAll(schema(in, "join_keys"));
            if (type != null) {
                in.problem(type.line(), "'value_type' is not used where join_keys give their own types");
            }
        } else {
            ValueType valueType = type == null ? ValueType.STRING : in.type(type);
            List<String> names = keys == null ? List.of(name) : in.texts("join_keys");
            for (String key : names) {
                joinKeys.add(new Field(in.name("join_keys", key), valueType == null ? ValueType.STRING : valueType));
            }
        }
        if (joinKeys.isEmpty()) {
            in.problem(in.line("join_keys"), "entity '" + name + "' needs a join key");
        }
        for (Field key : joinKeys) {
            if (key.type() != ValueType.INT64 && key.type() != ValueType.INT32 && key.type() != ValueType.STRING) {
                in.problem(in.line("join_keys"), "join key '" + key.name() + "' must be INT64, INT32 or STRING");
            }
        }
        return new Entity(name, joinKeys, in.text("description", ""), in.textMap("tags"));
    }

    private @Nullable Source source(String name, Section in) {
        String kind = in.required("kind");
        switch (kind) {
            case "parquet" -> {
                String table = in.name("table", in.text("table", name));
                String created = in.text("created_timestamp_column");
                return new Source.Parquet(
                        name,
                        table,
                        in.text("path"),
                        in.name("timestamp_field", in.required("timestamp_field")),
                        created == null ? null : in.name("created_timestamp_column", created));
            }
            case "push" -> {
                part("source", name, "batch_source", in);
                String topic = null;
                Section kafka = in.section("kafka");
                if (kafka != null) {
                    topic = kafka.required("topic");
                    String format = kafka.text("format", "json");
                    if (!format.equals("json")) {
                        kafka.problem(kafka.line("format"), "'format' must be json, not '" + format + "'");
                    }
                    kafka.finish();
                }
                return new Source.Push(name, in.required("batch_source"), topic);
            }
            case "request" -> {
                return new Source.Request(name, schema(in, "schema"));
            }
            default -> {
                for (String key : KEYS_OF_SOME_SOURCE) {
                    in.get(key); // which of them belong here, its kind would tell
                }
                if (!kind.isEmpty()) {
                    in.problem(
                            in.line("kind"),
                            "'kind' must be one of parquet, push, request, not '" + kind + "'"
                                    + DidYouMean.suffix(kind, List.of("parquet", "push", "request")));
                }
                return null;
            }
        }
    }

    private FeatureView view(String name, Section in) {
        String age = in.text("ttl");
        Duration ttl = age == null ? null : Ages.parse(age);
        if (age != null && ttl == null) {
            in.problem(in.line("ttl"), "'ttl' must be a duration such as 1d, 12h or 90m, not '" + age + "'");
        }
        List<String> names = in.texts("entities");
        if (names.isEmpty()) {
            in.problem(in.line("entities"), "feature view '" + name + "' needs an entity");
        }
        part(VIEW, name, "entities", in);
        part(VIEW, name, "source", in);
        int before = problems.count();
        List<Field> schema = schema(in, "schema");
        Section fields = in.get("schema") == null ? null : in.section("schema");
        if (fields != null) {
            fields.named().forEach((field, value) -> places.putPart(VIEW, name, field, in.file(), value.line()));
        }
        List<Aggregation> aggregations =
                Aggregations.read(in, (aggregation, line) -> places.putPart(VIEW, name, aggregation, in.file(), line));
        if (problems.count() > before) {
            places.setIncomplete(VIEW, name);
        }
        return new FeatureView(
                name,
                names,
                ttl == null || ttl.isZero() ? null : ttl,
                in.flag("online", true),
                in.choice("online_ttl", OnlineTtl.BY_ENDPOINT, OnlineTtl.class),
                in.required("source"),
                schema,
                in.text("owner", ""),
                in.textMap("tags"),
                aggregations);
    }

    private OnDemandView onDemandView(String name, Section in) {
        List<OnDemandView.Derived> features = new ArrayList<>();
        Section schema = in.section("schema");
        if (schema == null) {
            in.problem(in.line(), "on-demand feature view '" + name + "' needs a 'schema'");
        } else {
            schema.named().forEach((feature, value) -> {
                places.put("feature", name + "." + feature, in.file(), value.line());
                Section field = schema.section(feature, value, "feature");
                Marked typeName = field.get("type");
                String expression = field.required("expr");
                if (typeName == null) {
                    field.required("type");
                } else {
                    ValueType type = field.type(typeName);
                    if (type != null) {
                        features.add(new OnDemandView.Derived(feature, type, expression));
                    }
                }
                field.finish();
            });
        }
        part("on-demand feature view", name, "sources", in);
        return new OnDemandView(
                name,
                in.texts("sources"),
                features,
                in.choice("historical_input_time", HistoricalInputTime.REQUEST, HistoricalInputTime.class));
    }

    private void services(String file, Section top) {
        Section all = top.section("feature_services");
        if (all == null) {
            return;
        }
        all.named().forEach((name, value) -> {
            places.put("feature service", name, file, value.line());
            List<Marked> items = value.sequence();
            if (items == null) {
                all.problem(
                        value.line(), "feature service '" + name + "' must be a list of views, not " + value.kind());
                return;
            }
            List<FeatureService.Projection> projections = new ArrayList<>();
            for (Marked item : items) {
                String view = item.scalar();
                if (view != null) {
                    places.putPart("feature service", name, view, file, item.line());
                    projections.add(new FeatureService.Projection(view, List.of(), Map.of()));
                    continue;
                }
                Section in = all.section(name, item, "a view of feature service");
                String projected = in.required("view");
                places.putPart("feature service", name, projected, file, item.line());
                Map<String, String> renames = in.textMap("rename");
                renames.values().forEach(renamed -> in.name("rename", renamed));
                projections.add(new FeatureService.Projection(projected, in.texts("features"), renames));
                in.finish();
            }
            if (isNew(all, "feature service", name, value, services)) {
                services.put(name, new FeatureService(name, projections));
            }
        });
    }

    private void tests(String file, Section top) {
        Section all = top.section("tests");
        if (all == null) {
            return;
        }
        all.named().forEach((name, value) -> {
            Section in = all.section(name, value, "test");
            String view = in.required("view");
            Map<String, Marked> inputs = in.values("inputs");
            Map<String, Marked> expected = in.values("expect");
            if (expected.isEmpty()) {
                in.problem(in.line(), "test '" + name + "' needs an 'expect' with a feature");
            }
            in.finish();
            goldenRows.add(new GoldenRow(name, file, value.line(), view, inputs, expected));
        });
    }

    private void part(String kind, String name, String key, Section in) {
        places.putPart(kind, name, key, in.file(), in.line(key));
    }

    private static List<Field> schema(Section in, String key) {
        List<Field> fields = new ArrayList<>();
        Section schema = in.section(key);
        if (schema == null) {
            return fields;
        }
        schema.named().forEach((name, value) -> {
            ValueType type = schema.type(value);
            if (type != null) {
                fields.add(new Field(name, type));
            }
        });
        return fields;
    }
}
