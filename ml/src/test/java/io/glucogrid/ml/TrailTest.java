package io.glucogrid.ml;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TrailTest {
    @Test
    void goesBackStepByStepAndNeverForth() {
        Trail third = Trail.NONE.moved("m@1").moved("m@2").moved("m@3");

        Trail second = third.back(id -> true);
        assertThat(second.id()).isEqualTo("m@2");
        Trail first = second.back(id -> true);
        assertThat(first.id()).isEqualTo("m@1");
        assertThat(first.back(id -> true)).isNull();
    }

    @Test
    void passesOverWhatIsGone() {
        Trail trail = Trail.NONE.moved("m@1").moved("m@2").moved("m@3");

        assertThat(trail.back(id -> !id.equals("m@2"))).isEqualTo(Trail.of("m@1"));
        assertThat(trail.back(id -> false)).isNull();
    }

    @Test
    void toStayIsNoStep() {
        Trail trail = Trail.of("m@1").moved("m@2");

        assertThat(trail.moved("m@2")).isSameAs(trail);
        assertThat(trail.moved("m@1").moved("m@2").back(id -> true).id()).isEqualTo("m@1");
    }

    @Test
    void readsBackAndKnowsItsEnd() {
        Trail trail = Trail.NONE;
        for (int version = 1; version <= 40; version++) {
            trail = trail.moved("m@" + version);
            assertThat(Trail.parse(trail.text())).isEqualTo(trail);
        }

        assertThat(trail.before()).hasSize(16).startsWith("m@39").endsWith("m@24");
        assertThat(Trail.parse("v4@7")).isEqualTo(Trail.of("v4@7"));
        assertThat(Trail.parse("")).isEqualTo(Trail.NONE).isEqualTo(Trail.parse(null));
    }
}
