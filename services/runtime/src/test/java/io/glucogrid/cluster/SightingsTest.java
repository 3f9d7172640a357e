package io.glucogrid.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SightingsTest {
    @Test
    void anAgeBeginsWithTheFirstLookAndAnewAfterAnAbsence() {
        Sightings<String> sightings = new Sightings<>();
        sightings.look(List.of("a", "b"), -5);
        sightings.look(List.of("b"), 5);

        assertThat(sightings.ageNanos("b", 7)).isEqualTo(12);
        assertThat(sightings.ageNanos("a", 7)).isZero();
        sightings.look(List.of("a", "b"), 10);
        assertThat(sightings.ageNanos("a", 11)).isEqualTo(1);
        assertThat(sightings.ageNanos("b", 11)).isEqualTo(16);
    }
}
