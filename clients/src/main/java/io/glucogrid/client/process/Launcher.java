package io.glucogrid.client.process;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How this program starts another {@code glucogrid} command: with the launcher of the distribution that it runs from, which
 * knows each verb's flags; outside of one, as this JVM was started.
 */
public final class Launcher {
    private static final String MAIN = "io.glucogrid.node.Main";

    private final List<String> start;

    private Launcher(List<String> start) {
        this.start = List.copyOf(start);
    }

    /** The launcher of this distribution, or this JVM's own command line. */
    public static Launcher find() {
        Path script = home().resolve("glucogrid");
        if (Files.isExecutable(script)) {
            return new Launcher(List.of(script.toString()));
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (!flag.startsWith("-agentlib") && !flag.startsWith("-javaagent")) {
                command.add(flag);
            }
        }
        command.add("-cp");
        command.add(absolute(System.getProperty("java.class.path")));
        command.add(MAIN);
        return new Launcher(command);
    }

    /** A launcher that puts {@code start} in front of each verb. */
    public static Launcher of(List<String> start) {
        return new Launcher(start);
    }

    /** A verb with its arguments. */
    public static List<String> verb(String name, List<String> arguments) {
        List<String> verb = new ArrayList<>(List.of(name));
        verb.addAll(arguments);
        return verb;
    }

    /** The whole command of a verb. */
    List<String> command(List<String> verb) {
        List<String> command = new ArrayList<>(start);
        command.addAll(verb);
        return command;
    }

    /** The distribution, {@code lib} of which holds this class's jar; some directory without a launcher otherwise. */
    private static Path home() {
        try {
            Path place = Path.of(Launcher.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return place.resolve("../..").normalize();
        } catch (URISyntaxException unknown) {
            return Path.of("lib");
        }
    }

    private static String absolute(String classPath) {
        List<String> entries = new ArrayList<>();
        for (String entry : classPath.split(File.pathSeparator, -1)) {
            entries.add(Path.of(entry).toAbsolutePath().toString());
        }
        return String.join(File.pathSeparator, entries);
    }
}
