package io.glucogrid.client.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

class MemoryJudgeTest {
    private static final long EVERY_SECONDS = 15;
    private static final Map<Long, String> UP = Map.of(1L, "node-0");

    /** Measures of one process with levels by its age in seconds. */
    private static List<Measure> life(
            long pid, long seconds, LongUnaryOperator heap, LongUnaryOperator online, LongUnaryOperator history) {
        List<Measure> life = new ArrayList<>();
        for (long at = 0; at <= seconds; at += EVERY_SECONDS) {
            long resident = 200 + heap.applyAsLong(at) + history.applyAsLong(at);
            life.add(new Measure(
                    "node-0",
                    pid,
                    at,
                    at + 30,
                    heap.applyAsLong(at),
                    online.applyAsLong(at),
                    history.applyAsLong(at),
                    resident));
        }
        return life;
    }

    private static List<Measure> heap(LongUnaryOperator heap) {
        return life(1, 360, heap, at -> 8, at -> 30);
    }

    @Test
    void memoryThatFillsUpAndThenStaysIsFlat() {
        assertThat(MemoryJudge.shortfalls(heap(at -> Math.min(140, 70 + at / 2)), UP))
                .isEmpty();
    }

    @Test
    void readingsOnTheirWayAreNoGrowth() {
        assertThat(MemoryJudge.shortfalls(heap(at -> at > 240 && at % 30 == 0 ? 180 : 90), UP))
                .isEmpty();
    }

    @Test
    void aHeapThatGrowsIsReported() {
        assertThat(MemoryJudge.shortfalls(heap(at -> 80 + at / 8), UP))
                .anyMatch(wrong -> wrong.startsWith("heap of node-0 grows"));
    }

    @Test
    void onlineRowsThatGrowAreReported() {
        assertThat(MemoryJudge.shortfalls(life(1, 360, at -> 80, at -> 8 + at / 30, at -> 30), UP))
                .singleElement()
                .asString()
                .startsWith("online rows of node-0 grows");
    }

    @Test
    void memoryOutsideOfTheHeapThatGrowsIsReported() {
        List<Measure> life = heap(at -> 80).stream()
                .map(measure -> new Measure(
                        measure.node(),
                        measure.pid(),
                        measure.atSeconds(),
                        measure.ageSeconds(),
                        measure.heapMb(),
                        measure.onlineMb(),
                        measure.historyMb(),
                        measure.residentMb() + measure.atSeconds() / 2))
                .toList();

        assertThat(MemoryJudge.shortfalls(life, UP))
                .singleElement()
                .asString()
                .startsWith("resident without history of node-0 grows");
    }

    @Test
    void aRegionOfHistoryThatFillsUpIsNoGrowth() {
        assertThat(MemoryJudge.shortfalls(life(1, 360, at -> 80, at -> 8, at -> at / 3), UP))
                .isEmpty();
    }

    @Test
    void aProcessThatLeakedAndDiedIsReportedToo() {
        List<Measure> measures = new ArrayList<>(life(7, 360, at -> 80 + at / 8, at -> 8, at -> 30));
        measures.addAll(heap(at -> 80));

        assertThat(MemoryJudge.shortfalls(measures, UP)).anyMatch(wrong -> wrong.startsWith("heap of node-0 grows"));
    }

    @Test
    void processesThatDieBeforeTheyCanBeJudgedProveNothing() {
        List<Measure> measures = new ArrayList<>();
        for (long pid = 1; pid <= 6; pid++) {
            measures.addAll(life(pid, 60, at -> 80 + at, at -> 8, at -> 30));
        }

        assertThat(MemoryJudge.shortfalls(measures, Map.of(6L, "node-0")))
                .singleElement()
                .asString()
                .startsWith("memory of node-0 was not judged");
    }

    @Test
    void aNodeThatCannotBeMeasuredIsReported() {
        assertThat(MemoryJudge.shortfalls(heap(at -> 80), Map.of(1L, "node-0", 2L, "node-1")))
                .singleElement()
                .asString()
                .startsWith("memory of node-1 was not judged");
        assertThat(MemoryJudge.shortfalls(List.of(), Map.of())).hasSize(1);
    }
}
