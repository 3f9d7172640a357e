package io.glucogrid.client.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AvailabilityTest {
    private static final int SUBJECTS = 40;
    private static final Availability.Pace FAST = new Availability.Pace(1, 20);
    private static final int COUNT = 2 * SUBJECTS;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final NumberedReadings READINGS = new NumberedReadings(900, SUBJECTS, 1_700_000_000, 300);

    private final List<FakeNode> nodes = new ArrayList<>();

    @AfterEach
    void stop() {
        nodes.forEach(FakeNode::close);
    }

    private FakeNode node() {
        FakeNode node = FakeNode.with(READINGS, COUNT);
        nodes.add(node);
        return node;
    }

    private List<String> addresses() {
        return nodes.stream().map(FakeNode::address).toList();
    }

    private static ConditionFactory soon() {
        return await().atMost(SOON).pollInterval(Duration.ofMillis(10));
    }

    private static void awaitAnswers(Availability watch, long more) {
        long answers = watch.answers() + more;
        soon().until(() -> watch.answers() >= answers);
    }

    @Test
    void seesNothingWrongWhereEverySubjectIsAnswered() {
        node();
        try (Availability watch = Availability.watch(READINGS, this::addresses, FAST)) {
            awaitAnswers(watch, 3 * SUBJECTS);

            assertThat(watch.lies()).isZero();
            assertThat(watch.older()).isZero();
        }
    }

    @Test
    void countsAnAnswerThatDeniesAValue() {
        FakeNode node = node();
        try (Availability watch = Availability.watch(READINGS, this::addresses, FAST)) {
            awaitAnswers(watch, SUBJECTS);
            node.deny(READINGS.subject(7));

            soon().until(() -> watch.lies() > 0);
            assertThat(watch.example()).contains("of subject " + READINGS.subject(7));
        }
    }

    @Test
    void countsAnOlderAnswerAndTakesItForNone() {
        FakeNode node = node();
        try (Availability watch = Availability.watch(READINGS, this::addresses, FAST)) {
            awaitAnswers(watch, 2 * SUBJECTS);
            node.loseOnline(COUNT - 1);

            soon().until(() -> watch.older() > 2);
            soon().until(() -> watch.unavailableMillis() > 400);
        }
    }

    @Test
    void isNotComfortedByTheAnswersForOtherPartitions() {
        FakeNode node = node();
        try (Availability watch = Availability.watch(READINGS, this::addresses, FAST)) {
            awaitAnswers(watch, SUBJECTS);
            node.refuse(READINGS.subject(3));

            soon().until(() -> watch.unavailableMillis() > 800);
            assertThat(watch.takeMillis()).as("before").isGreaterThan(800);
            assertThat(watch.takeMillis())
                    .as("what came before does not count again")
                    .isLessThan(400);
            node.serve(READINGS.subject(3));
            awaitAnswers(watch, 2 * SUBJECTS);
            assertThat(watch.takeMillis())
                    .as("of the time after the last question")
                    .isLessThan(400);
            assertThat(watch.unavailableMillis()).as("of all the time").isGreaterThan(800);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4})
    void asksEachNodeForEachSubject(int size) {
        for (int i = 0; i < size; i++) {
            node();
        }
        try (Availability watch = Availability.watch(READINGS, this::addresses, FAST)) {
            soon().until(() -> nodes.stream().allMatch(node -> node.asked().size() == SUBJECTS));
            assertThat(watch.lies()).isZero();
        }
    }
}
