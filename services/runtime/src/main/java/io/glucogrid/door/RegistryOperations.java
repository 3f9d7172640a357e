package io.glucogrid.door;

import io.glucogrid.grid.Deadline;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.json.Json;
import io.glucogrid.registry.DefinitionsText;
import io.glucogrid.registry.RegistryDocument;
import io.glucogrid.serving.FeatureRuntime;
import io.glucogrid.value.Timestamps;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The registry and its explanations as clients see them, JSON in and out; errors as in {@link Operations}. */
public final class RegistryOperations {
    private static final String PLAN = "Error planning features";
    private static final String APPLY = "Error applying features";
    private static final String ROLLBACK = "Error rolling back features";
    private static final String LIST = "Error fetching definitions";
    private static final String EXPLAIN = "Error explaining features";
    private static final String VERSION = "version";
    private static final String EXPECTED = "expected_version";

    private final Operations operations;

    public RegistryOperations(Operations operations) {
        this.operations = operations;
    }

    /**
     * {@code {}} → the version in force and all versions; {@code {"version":n}} → that version's definitions.
     */
    public Outcome definitions(Map<String, @Nullable Object> request) {
        return Operations.prefixed(LIST, () -> {
            FeatureRuntime runtime = operations.runtime();
            Long version = number(request, VERSION);
            Map<String, Object> tree =
                    document(version == null ? runtime.registryDocument() : runtime.registryVersion(version));
            if (version == null) {
                tree.put(
                        "versions",
                        runtime.registryVersions().stream()
                                .map(RegistryOperations::summary)
                                .toList());
            }
            return Outcome.of(Json.write(tree));
        });
    }

    /** {@code {"files":{"features.yaml":"…"}}}, or {@code {}} for the node's own files → the plan. */
    public Outcome plan(Map<String, @Nullable Object> request) {
        return Operations.prefixed(
                PLAN,
                () -> Outcome.of(
                        Json.write(operations.runtime().plan(files(request)).tree())));
    }

    /** {@code {"files":{…},"expected_version":n}}, both optional → the version in force, and the plan that was carried out. */
    public Outcome apply(Map<String, @Nullable Object> request) {
        return Operations.prefixed(APPLY, () -> applied(operations.runtime().apply(files(request), expected(request))));
    }

    /** {@code {"version":n,"expected_version":m}}, the latter optional → as {@link #apply}. */
    public Outcome rollback(Map<String, @Nullable Object> request) {
        return Operations.prefixed(ROLLBACK, () -> {
            Long version = number(request, VERSION);
            if (version == null) {
                throw Operations.invalid("'version' is missing");
            }
            return applied(operations.runtime().rollback(version, expected(request)));
        });
    }

    /** {@code {"feature_service":"…","entities":[{…}]}} → where each value comes from. */
    public Outcome explain(Map<String, @Nullable Object> request, Deadline deadline) {
        return Operations.prefixed(EXPLAIN, () -> {
            if (!(request.get("feature_service") instanceof String service)) {
                throw Operations.invalid("'feature_service' is missing, or no text");
            }
            return Outcome.of(Json.write(operations.runtime().explain(service, request.get("entities"), deadline)));
        });
    }

    private static Outcome applied(FeatureRuntime.Applied applied) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put(VERSION, applied.version());
        tree.put("changed", !applied.plan().isEmpty());
        tree.put("plan", applied.plan().tree());
        return new Outcome(Json.write(tree), Map.of("X-Definitions-Version", String.valueOf(applied.version())));
    }

    private static Map<String, Object> summary(RegistryDocument document) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put(VERSION, document.version());
        tree.put("state", document.state().name().toLowerCase(Locale.ROOT));
        if (document.appliedMicros() != 0) {
            tree.put("applied_at", Timestamps.iso(document.appliedMicros()));
        }
        tree.put("feature_views", document.definitions().views().size());
        tree.put("feature_services", document.definitions().services().size());
        return tree;
    }

    private static Map<String, Object> document(RegistryDocument document) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put(VERSION, document.version());
        tree.put("state", document.state().name().toLowerCase(Locale.ROOT));
        if (document.appliedMicros() != 0) {
            tree.put("applied_at", Timestamps.iso(document.appliedMicros()));
        }
        tree.put("definitions", DefinitionsText.tree(document.definitions()));
        return tree;
    }

    /** Text by file name; empty where the request names none. */
    private static Map<String, String> files(Map<String, @Nullable Object> request) {
        Map<String, String> files = new LinkedHashMap<>();
        Object given = request.get("files");
        if (given == null) {
            return files;
        }
        Map<String, @Nullable Object> texts = Json.object(given);
        if (texts == null || texts.isEmpty()) {
            throw Operations.invalid("'files' must be an object that gives the text of each file by its name");
        }
        List<String> wrong = new ArrayList<>();
        texts.forEach((name, text) -> {
            if (text instanceof String content) {
                files.put(name, content);
            } else {
                wrong.add(name);
            }
        });
        if (!wrong.isEmpty()) {
            throw Operations.invalid("'files' must hold texts; no text is " + String.join(", ", wrong));
        }
        return files;
    }

    private static long expected(Map<String, @Nullable Object> request) {
        Long expected = number(request, EXPECTED);
        return expected == null ? -1 : expected;
    }

    private static @Nullable Long number(Map<String, @Nullable Object> request, String name) {
        Object value = request.get(name);
        if (value == null) {
            return null;
        }
        if (value instanceof Long number && number >= 0) {
            return number;
        }
        if (value instanceof String text && text.matches("\\d{1,18}")) {
            return Long.valueOf(text);
        }
        throw new GridException(ErrorCode.INVALID_REQUEST, "'" + name + "' must be a whole number from 0");
    }
}
