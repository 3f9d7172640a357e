package io.glucogrid.client.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class DemoOutputTest {
    private final StringWriter text = new StringWriter();

    @Test
    void onATerminalTheBottomLineIsDrawnAnewAndGivesWayToLines() {
        DemoOutput output = new DemoOutput(new PrintWriter(text), true);

        output.refresh("one");
        output.refresh("two");
        output.say("line");
        output.say("next");

        assertThat(text.toString().replace(System.lineSeparator(), "\n"))
                .isEqualTo("\r\u001b[Kone\r\u001b[Ktwo\r\u001b[Kline\nnext\n");
    }

    @Test
    void elsewhereItIsALine() {
        DemoOutput output = new DemoOutput(new PrintWriter(text), false);

        output.refresh("one");

        assertThat(text.toString()).isEqualTo("one" + System.lineSeparator());
    }
}
