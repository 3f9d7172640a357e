package io.glucogrid.online;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.feature.EntityKey;
import io.glucogrid.store.HistoryKey;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class KeyOrderTest {
    @Property
    void keysAreEqualInOrderExactlyWhereTheyAreEqual(@ForAll("keys") Object a, @ForAll("keys") Object b) {
        assertThat(KeyOrder.INSTANCE.compare(a, b) == 0).isEqualTo(a.equals(b));
        assertThat(Integer.signum(KeyOrder.INSTANCE.compare(a, b)))
                .isEqualTo(-Integer.signum(KeyOrder.INSTANCE.compare(b, a)));
    }

    @Property
    void theOrderIsTransitive(@ForAll("keys") Object a, @ForAll("keys") Object b, @ForAll("keys") Object c) {
        if (KeyOrder.INSTANCE.compare(a, b) <= 0 && KeyOrder.INSTANCE.compare(b, c) <= 0) {
            assertThat(KeyOrder.INSTANCE.compare(a, c)).isLessThanOrEqualTo(0);
        }
    }

    @Provide
    Arbitrary<Object> keys() {
        Arbitrary<Object> numbers = Arbitraries.longs().between(0, 3).map(number -> number);
        Arbitrary<Object> texts = Arbitraries.of("a", "b", "c").map(text -> text);
        Arbitrary<Object> plain = Arbitraries.oneOf(numbers, texts);
        Arbitrary<Object> entities = Combinators.combine(plain, plain).as((a, b) -> EntityKey.of(new Object[] {a, b}));
        Arbitrary<Object> history = Combinators.combine(
                        plain, Arbitraries.longs().between(0, 2))
                .as((a, time) -> new HistoryKey(new Object[] {a}, time));
        return Arbitraries.oneOf(plain, entities, history);
    }
}
