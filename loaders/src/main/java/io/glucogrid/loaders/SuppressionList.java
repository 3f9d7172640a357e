package io.glucogrid.loaders;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.ForgottenEntity;
import io.glucogrid.store.MetaStore;
import io.glucogrid.store.Suppressions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The suppression list of a tier, {@code meta/suppressions}: {@code
 * {"forgotten":[{"join_keys":{"subject_id":"7"},"since_micros":…}]}}, a new version with each change.
 *
 * <p>Each node holds the version that it read last and looks at the board's token before it uses it. A change is first published
 * in the tier, then told on the board, which every node has when the change returns; so a node that has not seen it cannot have
 * started after it. Thread-safe.
 */
final class SuppressionList {
    private static final String KIND = "suppressions";

    /** No table has a slash in its name. */
    private static final String BOARD = "/" + KIND;

    private static final int ATTEMPTS = 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final MetaStore meta;
    private final SegmentBoard board;
    private volatile @Nullable Seen seen;

    SuppressionList(MetaStore meta, SegmentBoard board) {
        this.meta = meta;
        this.board = board;
    }

    /** The list as the tier has it now. */
    static Suppressions read(MetaStore meta) {
        MetaStore.Document newest = meta.latest(KIND);
        return newest == null ? Suppressions.none() : parse(newest);
    }

    /** The list with every change that was acknowledged before this call; does not wait for the grid. */
    Suppressions current() {
        String token = board.token(BOARD, false);
        Seen last = seen;
        if (last != null && Objects.equals(last.token, token)) {
            return last.list;
        }
        Suppressions read = read(meta);
        seen = new Seen(token, read);
        return read;
    }

    /** Adds an entity that is not on the list yet. Waits for the grid. */
    void add(ForgottenEntity entity) {
        change(entities -> {
            List<ForgottenEntity> more = new ArrayList<>(entities);
            if (entities.stream().noneMatch(known -> known.joinKeys().equals(entity.joinKeys()))) {
                more.add(entity);
            }
            return more;
        });
    }

    /** Takes an entity off the list. Waits for the grid. */
    void remove(Map<String, String> joinKeys) {
        change(entities -> entities.stream()
                .filter(known -> !known.joinKeys().equals(joinKeys))
                .toList());
    }

    /** Makes every node read the list anew. */
    void invalidate() {
        board.invalidate(BOARD);
    }

    private void change(UnaryOperator<List<ForgottenEntity>> change) {
        for (int attempt = 1; ; attempt++) {
            Suppressions before = read(meta);
            List<ForgottenEntity> after = change.apply(before.entities());
            try {
                if (!after.equals(before.entities())) {
                    long next = before.version() + 1;
                    meta.publish(KIND, next, text(after));
                }
                invalidate(); // also where nothing changed: whoever changed it may have died before it told
                return;
            } catch (GridException conflict) { // somebody else was faster
                if (conflict.code() != ErrorCode.CONFLICT || attempt == ATTEMPTS) {
                    throw conflict;
                }
            }
        }
    }

    private static String text(List<ForgottenEntity> entities) {
        ObjectNode tree = JSON.createObjectNode();
        for (ForgottenEntity entity : entities) {
            ObjectNode one = tree.withArray("/forgotten").addObject();
            entity.joinKeys().forEach(one.putObject("join_keys")::put);
            one.put("since_micros", entity.sinceMicros());
        }
        return tree.toString();
    }

    /** DAMAGED_DATA for a document that is no list: to go on without it would bring back what was forgotten. */
    private static Suppressions parse(MetaStore.Document document) {
        List<ForgottenEntity> entities = new ArrayList<>();
        try {
            for (JsonNode one : JSON.readTree(document.text()).path("forgotten")) {
                Map<String, String> joinKeys = new TreeMap<>();
                for (Map.Entry<String, JsonNode> key : one.path("join_keys").properties()) {
                    joinKeys.put(key.getKey(), key.getValue().asText());
                }
                if (joinKeys.isEmpty()) {
                    throw damaged(document, null);
                }
                entities.add(
                        new ForgottenEntity(joinKeys, one.path("since_micros").asLong()));
            }
        } catch (JsonProcessingException malformed) {
            throw damaged(document, malformed);
        }
        return Suppressions.of(document.version(), entities);
    }

    private static GridException damaged(MetaStore.Document document, @Nullable Throwable cause) {
        return new GridException(
                ErrorCode.DAMAGED_DATA,
                "version " + document.version() + " of meta/" + KIND + " is damaged; while it is, no history is served",
                cause);
    }

    private record Seen(@Nullable String token, Suppressions list) {}
}
