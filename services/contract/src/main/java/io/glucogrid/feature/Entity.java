package io.glucogrid.feature;

import java.util.List;
import java.util.Map;

/**
 * What features are about, told apart by its join keys. The first join key is the affinity key: rows of equal first key live
 * on one node.
 */
public record Entity(String name, List<Field> joinKeys, String description, Map<String, String> tags) {
    public Entity {
        joinKeys = List.copyOf(joinKeys);
        tags = Map.copyOf(tags);
    }
}
