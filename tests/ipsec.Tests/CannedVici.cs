// A daemon that answers with what a test has put in.
using Cygnet.Control;

namespace Cygnet.Command.Tests;

sealed class CannedVici : IVici
{
    readonly Dictionary<string, Queue<(ViciSection? Answer, ViciSection[] Events)>> _answers = [];

    readonly Dictionary<string, Func<ViciSection, IEnumerable<ViciSection>>> _streams = [];

    /// <summary>Every request, as <c>command key=value …</c>.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>The next answer to the command; the last one stays.</summary>
    public CannedVici On(string command, ViciSection? answer, params ViciSection[] events)
    {
        if (!_answers.TryGetValue(command, out var queue)) _answers.Add(command, queue = new());
        queue.Enqueue((answer, events));
        return this;
    }

    /// <summary>Events that depend on the request; the answer is empty.</summary>
    public CannedVici Streams(string command, Func<ViciSection, IEnumerable<ViciSection>> events)
    {
        _streams[command] = events;
        return On(command, new());
    }

    public CannedVici Yes(string command, params ViciSection[] events) => On(command, new ViciSection().Add("success", "yes"), events);

    public CannedVici No(string command, string reason, params ViciSection[] events) => On(command, new ViciSection().Add("success", "no").Add("errmsg", reason), events);

    public ViciSection? Call(string command, ViciSection? request = null, string? stream = null, Action<ViciSection>? each = null)
    {
        Requests.Add(string.Join(' ', [command, .. (request ?? new()).Elements.Select(e => e is ViciValue v ? $"{v.Name}={v.Text}" : e.Name)]));
        if (!_answers.TryGetValue(command, out var queue)) return null;
        var (answer, events) = queue.Count > 1 ? queue.Dequeue() : queue.Peek();
        if (stream is not null)
            foreach (var e in _streams.TryGetValue(command, out var made) ? made(request ?? new()) : events) each?.Invoke(e);
        // Over the wire and back, as the real one.
        if (answer is null) return null;
        Assert.True(ViciPacket.TryParse(ViciPacket.Response(answer).ToSegment(out _).AsSpan(4), out var packet));
        return packet.Message;
    }

    public static ViciSection Log(string text) => new ViciSection().Add("group", "IKE").Add("level", 1).Add("msg", text);
}
