package io.glucogrid.client.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether somebody looks: a line that is drawn again and again makes sense on a terminal only. */
public final class Terminal {
    private Terminal() {}

    /** Whether a standard stream of this process (1 output, 2 error) is a terminal; false where that cannot be told. */
    public static boolean is(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException unknown) {
            return false;
        }
    }
}
