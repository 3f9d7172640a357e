package io.glucogrid.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SuppressionsTest {
    private static final Field SUBJECT = new Field("subject_id", ValueType.INT64);
    private static final Field DEVICE = new Field("device", ValueType.STRING);

    private static Suppressions.Filter filter(Map<String, String> entity, Field... joinKeys) {
        return Suppressions.of(1, List.of(new ForgottenEntity(entity, 0))).filter(List.of(joinKeys));
    }

    @Test
    void aForgottenSubjectIsCoveredWithEveryDevice() {
        Suppressions.Filter filter = filter(Map.of("subject_id", "7"), DEVICE, SUBJECT);

        assertThat(filter.covers(new Object[] {"a", 7L})).isTrue();
        assertThat(filter.covers(new Object[] {"7", 8L})).isFalse();
    }

    @Test
    void aForgottenPairIsCoveredAsAPairOnly() {
        Map<String, String> pair = Map.of("subject_id", "7", "device", "a");
        Suppressions.Filter filter = filter(pair, SUBJECT, DEVICE);

        assertThat(filter.covers(new Object[] {7L, "a"})).isTrue();
        assertThat(filter.covers(new Object[] {7L, "b"})).isFalse();
        assertThat(filter(pair, SUBJECT).isEmpty()).isTrue();
    }

    @Test
    void entitiesOfOtherKeysAreNotCovered() {
        assertThat(filter(Map.of("patient", "7"), SUBJECT).covers(new Object[] {7L}))
                .isFalse();
        assertThat(Suppressions.none().filter(List.of(SUBJECT)).isEmpty()).isTrue();
    }
}
