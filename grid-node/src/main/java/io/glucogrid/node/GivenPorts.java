package io.glucogrid.node;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ports that somebody named. Default ports move up to the next free one; a named one is meant, so where it is taken the node
 * does not start.
 */
final class GivenPorts {
    private static final List<Setting> PORTS = List.of(
            Setting.HTTP_PORT,
            Setting.REST_PORT,
            Setting.THIN_PORT,
            Setting.CONNECTOR_PORT,
            Setting.DISCOVERY_PORT,
            Setting.COMMUNICATION_PORT);

    private GivenPorts() {}

    /** INVALID_CONFIG for a port that is no number, CONFLICT for one that is taken. */
    static void check(Settings settings) {
        for (Setting setting : PORTS) {
            Integer port = given(settings, setting);
            boolean ofMany = setting == Setting.HTTP_PORT && settings.has(Setting.HTTP_PORTS);
            if (port != null && port != 0 && !ofMany && isTaken(host(settings, setting), port)) {
                throw taken(setting, port);
            }
        }
    }

    /** CONFLICT where a part of the node had to move away from its given port, taken since {@link #check}. */
    static void confirm(Settings settings, Setting setting, int actual) {
        Integer port = given(settings, setting);
        if (port != null && port != 0 && port != actual) {
            throw taken(setting, port);
        }
    }

    private static @Nullable Integer given(Settings settings, Setting setting) {
        String text = settings.value(setting);
        if (text == null) {
            return null;
        }
        try {
            int port = Integer.parseInt(text.strip());
            if (port >= 0 && port <= 65535) {
                return port;
            }
        } catch (NumberFormatException notANumber) {
            throw invalid(setting, text);
        }
        throw invalid(setting, text);
    }

    private static GridException invalid(Setting setting, String text) {
        return new GridException(
                ErrorCode.INVALID_CONFIG,
                setting.key() + " must be a whole number from 0 to 65535, not '" + text + "'");
    }

    private static GridException taken(Setting setting, int port) {
        return new GridException(
                ErrorCode.CONFLICT,
                "port " + port + " (" + setting.key() + ") is taken; free it, name another, or leave " + setting.key()
                        + " unset to take the next free port");
    }

    private static @Nullable String host(Settings settings, Setting setting) {
        return switch (setting) {
            case HTTP_PORT -> settings.value(Setting.HTTP_HOST);
            case REST_PORT, CONNECTOR_PORT -> settings.value(Setting.REST_HOST);
            case THIN_PORT -> settings.value(Setting.THIN_HOST);
            default -> settings.value(Setting.HOST);
        };
    }

    private static boolean isTaken(@Nullable String host, int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(InetAddress.getByName(host == null ? "127.0.0.1" : host), port));
            return false;
        } catch (IOException taken) {
            return true;
        }
    }
}
