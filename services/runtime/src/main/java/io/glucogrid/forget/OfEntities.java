package io.glucogrid.forget;

import io.glucogrid.feature.EntityKey;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.store.ForgottenEntity;
import io.glucogrid.store.HistoryKey;
import io.glucogrid.store.Suppressions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.ignite.lang.IgniteBiPredicate;
import org.jspecify.annotations.Nullable;

/** Finds rows of given entities in an online or a history cache, on the nodes that have them. */
final class OfEntities implements IgniteBiPredicate<Object, FeatureRow> {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // marshalled by Ignite's binary format
    private final List<String> joinKeys;

    @SuppressWarnings("serial") // marshalled by Ignite's binary format
    private final List<Map<String, String>> entities;

    private transient volatile Suppressions.@Nullable Filter filter;

    private OfEntities(List<String> joinKeys, List<Map<String, String>> entities) {
        this.joinKeys = joinKeys;
        this.entities = entities;
    }

    static OfEntities of(List<Field> joinKeys, Collection<ForgottenEntity> entities) {
        List<Map<String, String>> plain = new ArrayList<>();
        entities.forEach(entity -> plain.add(new HashMap<>(entity.joinKeys())));
        List<String> names = new ArrayList<>();
        joinKeys.forEach(field -> names.add(field.name()));
        return new OfEntities(names, plain);
    }

    /** Whether any row at all may be found. */
    boolean mayCover() {
        return !filter().isEmpty();
    }

    @Override
    public boolean apply(Object key, FeatureRow row) {
        return filter().covers(key instanceof HistoryKey history ? history.joinKeys() : EntityKey.joinKeys(key));
    }

    private Suppressions.Filter filter() {
        Suppressions.Filter known = filter;
        if (known == null) {
            known = Suppressions.of(
                            1,
                            entities.stream()
                                    .map(one -> new ForgottenEntity(one, 0))
                                    .toList())
                    .filter(joinKeys.stream()
                            .map(name -> new Field(name, ValueType.STRING)) // only names count
                            .toList());
            filter = known;
        }
        return known;
    }
}
