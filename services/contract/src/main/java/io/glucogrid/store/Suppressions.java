package io.glucogrid.store;

import io.glucogrid.feature.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The entities whose rows nobody may store or read any more: one version of the suppression list. Immutable.
 *
 * <p>The list is about join keys by name, so it holds for every table and every view that has them, also for those that are
 * defined later. A key counts by its text: the number 7 and the text "7" are the same subject.
 */
public final class Suppressions {
    private static final Suppressions NONE = new Suppressions(0, List.of());

    private final long version;
    private final List<ForgottenEntity> entities;
    private final ConcurrentMap<List<Field>, Filter> filters = new ConcurrentHashMap<>();

    private Suppressions(long version, List<ForgottenEntity> entities) {
        this.version = version;
        this.entities = entities;
    }

    /** The list before anything was forgotten. */
    public static Suppressions none() {
        return NONE;
    }

    /**
     * A version of the list.
     *
     * @param entities each of them once, the one forgotten first in front
     */
    public static Suppressions of(long version, List<ForgottenEntity> entities) {
        return new Suppressions(version, List.copyOf(entities));
    }

    /** Rises with every change; 0 for {@link #none}. */
    public long version() {
        return version;
    }

    public List<ForgottenEntity> entities() {
        return entities;
    }

    public boolean isEmpty() {
        return entities.isEmpty();
    }

    /** Whether an entity with exactly these join keys is on the list. */
    public boolean contains(Map<String, String> joinKeys) {
        return entities.stream().anyMatch(entity -> entity.joinKeys().equals(joinKeys));
    }

    /** What the list says of rows with these join keys. */
    public Filter filter(List<Field> joinKeys) {
        return entities.isEmpty() ? Filter.EMPTY : filters.computeIfAbsent(List.copyOf(joinKeys), this::compiled);
    }

    private Filter compiled(List<Field> joinKeys) {
        Map<Integer, Set<String>> single = new LinkedHashMap<>();
        List<Map<Integer, String>> several = new ArrayList<>();
        for (ForgottenEntity entity : entities) {
            Map<Integer, String> wanted = new HashMap<>();
            for (int i = 0; i < joinKeys.size(); i++) {
                String value = entity.joinKeys().get(joinKeys.get(i).name());
                if (value != null) {
                    wanted.put(i, value);
                }
            }
            if (wanted.size() < entity.joinKeys().size()) {
                continue; // of other entities
            }
            if (wanted.size() == 1) {
                wanted.forEach((key, value) ->
                        single.computeIfAbsent(key, first -> new HashSet<>()).add(value));
            } else {
                several.add(wanted);
            }
        }
        return new Filter(single, several);
    }

    /** Judges rows of one kind of entity. Thread-safe. */
    public static final class Filter {
        private static final Filter EMPTY = new Filter(Map.of(), List.of());

        private final Map<Integer, Set<String>> single;
        private final List<Map<Integer, String>> several;

        private Filter(Map<Integer, Set<String>> single, List<Map<Integer, String>> several) {
            this.single = single;
            this.several = several;
        }

        /** Whether no row can be covered. */
        public boolean isEmpty() {
            return single.isEmpty() && several.isEmpty();
        }

        /**
         * Whether the rows of an entity are suppressed.
         *
         * @param joinKeys values in the order that the filter was made for
         */
        public boolean covers(Object[] joinKeys) {
            for (Map.Entry<Integer, Set<String>> key : single.entrySet()) {
                if (key.getValue().contains(String.valueOf(joinKeys[key.getKey()]))) {
                    return true;
                }
            }
            for (Map<Integer, String> wanted : several) {
                if (wanted.entrySet().stream()
                        .allMatch(key -> key.getValue().equals(String.valueOf(joinKeys[key.getKey()])))) {
                    return true;
                }
            }
            return false;
        }
    }
}
