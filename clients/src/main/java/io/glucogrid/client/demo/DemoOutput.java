package io.glucogrid.client.demo;

import io.glucogrid.client.process.Terminal;
import java.io.PrintWriter;

/** Where the demo talks to people: lines, and on a terminal one line at the bottom that is drawn again and again. */
final class DemoOutput {
    private static final String CLEAR = "\r\u001b[K";

    private final PrintWriter writer;
    private final boolean terminal;
    private boolean open;

    DemoOutput(PrintWriter writer, boolean terminal) {
        this.writer = writer;
        this.terminal = terminal;
    }

    /** Standard output, or standard error where standard output belongs to the JSON object. */
    static DemoOutput on(PrintWriter out, PrintWriter err, boolean json) {
        return json ? new DemoOutput(err, Terminal.is(2)) : new DemoOutput(out, Terminal.is(1));
    }

    synchronized void say(String text) {
        if (open) {
            writer.print(CLEAR);
            open = false;
        }
        writer.println(text);
        writer.flush();
    }

    /** Draws the bottom line anew; a plain line where nobody could see it drawn. */
    synchronized void refresh(String text) {
        if (!terminal) {
            say(text);
            return;
        }
        writer.print(CLEAR + text);
        writer.flush();
        open = true;
    }

    boolean isTerminal() {
        return terminal;
    }
}
