package io.glucogrid.client.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class LiveBoardTest {
    private final StringWriter text = new StringWriter();
    private final DemoOutput output = new DemoOutput(new PrintWriter(text), false);

    @Test
    void bothPathsOfAReadingStandOnOneLineWhicheverCameFirst() {
        LiveBoard board = LiveBoard.of(output, 1);

        board.event(event("offline", 1738601222, 8_250_000));
        assertThat(text.toString()).isEmpty();
        board.event(event("online", 1738601222, 1_500_000));

        assertThat(text.toString().lines().skip(1))
                .singleElement()
                .asString()
                .matches("\\s+1  163669001\\s+111\\s+104\\.74\\s+1\\.500\\s+8\\.250");
    }

    @Test
    void readingsOfTheSameSubjectAreToldApartByTime() {
        LiveBoard board = LiveBoard.of(output, 1);

        board.event(event("online", 1738601222, 1));
        board.event(event("offline", 1738601223, 1));

        assertThat(text.toString()).isEmpty();
    }

    @Test
    void atHighRatesOneLineSaysItAll() {
        LiveBoard board = LiveBoard.of(output, 50);
        board.event(event("online", 1738601222, 1_500_000));
        board.event(event("offline", 1738601222, 8_000_000));
        assertThat(text.toString()).isEmpty();

        board.refresh(17);

        assertThat(text.toString()).contains("produced 17", "online 1 (p50 1.50", "offline 1 (p50 8.0");
    }

    @Test
    void whatIsNoReadingIsPassedOver() {
        LiveBoard board = LiveBoard.of(output, 1);

        board.event("not json");
        board.event("{}");
        board.event("{\"path\":\"sideways\",\"timetaken_ns\":1}");

        assertThat(board.online().count() + board.offline().count()).isZero();
        assertThat(board.last()).isNull();
        assertThat(board.online().text()).isEqualTo("-");
    }

    @Test
    void theLastPredictionIsKept() {
        LiveBoard board = LiveBoard.of(output, 50);

        board.event(event("online", 1738601222, 1));
        board.event(event("online", 1738601223, 1).replace("104.74", "null"));

        LiveEvent last = board.last();
        assertThat(last).isNotNull();
        assertThat(last.expected()).isEqualTo(104.74);
    }

    private static String event(String path, long second, long nanos) {
        return "{\"path\":\"" + path + "\",\"n\":1,\"subject_id\":163669001,\"event_timestamp\":" + second
                + ",\"glucose\":111,\"expected\":104.74,\"model\":\"v1@1\",\"timetaken_ns\":" + nanos
                + ",\"node\":\"n\"}";
    }
}
