// What every end of an EAP conversation keeps: lines for the log, a count of packets, and that it is over.
using System.Collections.Immutable;
using Cygnet.Policy;

namespace Cygnet.Eap;

/// <summary>The client, the server, and who stands between a client and a RADIUS server.</summary>
abstract class EapEnd
{
    const int MaxPackets = 250;

    readonly List<string> _lines = [];
    int _received;
    string? _over;

    /// <summary>The EAP identity of the client, as far as it is known.</summary>
    protected abstract Identity? Identity { get; }

    /// <summary>A line that the next step takes along.</summary>
    protected void Log(string line) => _lines.Add(line);

    /// <summary>A packet has come: null, or why it does not count any more.</summary>
    protected string? Refuses() => _over ?? (++_received > MaxPackets ? $"EAP has not come to an end in {MaxPackets} packets" : null);

    /// <summary>Whatever comes after success is one too many: CVE-2021-45079.</summary>
    protected EapStep Succeed(EapStep step)
    {
        _over = "received an EAP packet after EAP_SUCCESS";
        return Say(step);
    }

    /// <summary>From now on it only says so again.</summary>
    protected EapStep Fail(string reason, byte[]? packet)
    {
        _over = reason;
        return Say(new(EapOutcome.Failure, packet) { Reason = reason });
    }

    protected EapStep Say(EapStep step)
    {
        ImmutableArray<string> lines = [.. _lines];
        _lines.Clear();
        return step with { Identity = Identity, Lines = lines };
    }
}
