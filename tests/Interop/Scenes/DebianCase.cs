// A scene whose packages cannot be fetched counts as skipped, with the reason: that shows while it runs, when a mirror that was there has gone.
using Cygnet.Interop.Testbed;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Cygnet.Interop.Scenes;

/// <summary>xunit makes it anew where the scene is run, therefore the second constructor.</summary>
public sealed class DebianCase : XunitTestCase
{
    [Obsolete("for xunit alone")]
    public DebianCase() { }

    public DebianCase(IMessageSink diagnostics, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method) : base(diagnostics, display, options, method) { }

    public override async Task<RunSummary> RunAsync(IMessageSink diagnosticMessageSink, IMessageBus messageBus, object[] constructorArguments, ExceptionAggregator aggregator, CancellationTokenSource cancellationTokenSource)
    {
        using var bus = new Bus(messageBus);
        var summary = await base.RunAsync(diagnosticMessageSink, bus, constructorArguments, aggregator, cancellationTokenSource);
        summary.Failed -= bus.Skipped;
        summary.Skipped += bus.Skipped;
        return summary;
    }

    sealed class Bus(IMessageBus inner) : IMessageBus
    {
        public int Skipped { get; private set; }

        public bool QueueMessage(IMessageSinkMessage message)
        {
            if (message is not ITestFailed failed || failed.ExceptionTypes.FirstOrDefault() != typeof(MirrorAway).FullName) return inner.QueueMessage(message);
            Skipped++;
            return inner.QueueMessage(new TestSkipped(failed.Test, failed.Messages[0]));
        }

        // the inner one is not ours
        public void Dispose() { }
    }
}
