package io.glucogrid.feature;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class EntityKeyTest {
    @Test
    void aSingleJoinKeyIsItsOwnCacheKey() {
        assertThat(EntityKey.of(List.of(163669001L))).isEqualTo(163669001L);
        assertThat(EntityKey.joinKeys(163669001L)).containsExactly(163669001L);
    }

    @Test
    void severalJoinKeysMakeAComposite() {
        Object key = EntityKey.of(List.of(7L, "left"));

        assertThat(key).isEqualTo(EntityKey.of(new Object[] {7L, "left"})).isNotEqualTo(EntityKey.of(List.of(7L, "x")));
        assertThat(EntityKey.joinKeys(key)).containsExactly(7L, "left");
    }
}
