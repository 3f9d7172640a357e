package io.glucogrid.client.bench;

import io.glucogrid.client.process.Launcher;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a node is measured against runs as a node does: this process's class path with a node's heap and compiler. */
final class BareProcess {
    private BareProcess() {}

    /** Starts {@code main}; what a {@link io.glucogrid.client.process.Child} adds are its arguments. */
    static Launcher java(String main) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (flag.startsWith("--add-opens") || flag.startsWith("-Dfile.encoding")) {
                command.add(flag);
            }
        }
        command.addAll(List.of("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-Djava.net.preferIPv4Stack=true"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
        return Launcher.of(command);
    }
}
