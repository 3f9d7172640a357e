package io.glucogrid.door;

import io.glucogrid.forget.Forgetting;
import io.glucogrid.json.Json;
import io.glucogrid.store.ForgottenEntity;
import io.glucogrid.value.Timestamps;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Forgetting as clients see it, JSON in and out; errors as in {@link Operations}. */
public final class ForgetOperations {
    private static final String FORGET = "Error forgetting an entity";

    private final Operations operations;

    public ForgetOperations(Operations operations) {
        this.operations = operations;
    }

    /**
     * {@code {"entity":{"subject_id":7}}} forgets, with {@code "undo":true} allows again, {@code {}} lists what was forgotten.
     */
    public Outcome forget(Map<String, @Nullable Object> request) {
        return Operations.prefixed(FORGET, () -> {
            Forgetting forgetting = operations.runtime().forgetting();
            if (!request.containsKey("entity") && !request.containsKey("undo")) {
                return Outcome.of(Json.write(listed(forgetting.list())));
            }
            Map<String, @Nullable Object> entity = Json.object(request.get("entity"));
            if (entity == null) {
                throw Operations.invalid("'entity' must be an object of join keys");
            }
            Object undo = request.get("undo");
            if (undo != null && !(undo instanceof Boolean)) {
                throw Operations.invalid("'undo' must be true or false");
            }
            return Outcome.of(Json.write(
                    Boolean.TRUE.equals(undo)
                            ? Map.of("allowed", forgetting.allow(entity))
                            : removed(forgetting.forget(entity))));
        });
    }

    private static Map<String, Object> removed(Forgetting.Removed removed) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("forgotten", removed.joinKeys());
        tree.put("online_rows", removed.onlineRows());
        tree.put("hot_rows", removed.hotRows());
        tree.put("history_rows", removed.historyRows());
        tree.put("derived_rows", removed.derivedRows());
        return tree;
    }

    private static Map<String, Object> listed(List<ForgottenEntity> entities) {
        return Map.of(
                "forgotten",
                entities.stream()
                        .map(entity -> {
                            Map<String, Object> tree = new LinkedHashMap<>();
                            tree.put("entity", entity.joinKeys());
                            tree.put("since", Timestamps.iso(entity.sinceMicros()));
                            return tree;
                        })
                        .toList());
    }
}
