package io.glucogrid.node;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Hands a {@link TestGrid} of three nodes to tests that ask for one. All test classes of the JVM share it, so a test uses keys
 * and caches of its own and leaves the three nodes running.
 */
public final class ThreeNodes implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TestGrid.class;
    }

    @Override
    public TestGrid resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(ExtensionContext.Namespace.create(ThreeNodes.class))
                .getOrComputeIfAbsent("grid", key -> TestGrid.start(3), TestGrid.class);
    }
}
