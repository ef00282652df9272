// Has the scenes of DebianFact run as cases that may turn out to be skipped.
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Cygnet.Interop.Scenes;

public sealed class DebianFactDiscoverer(IMessageSink diagnostics) : IXunitTestCaseDiscoverer
{
    public IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions options, ITestMethod method, IAttributeInfo fact) =>
        [new DebianCase(diagnostics, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), method)];
}
