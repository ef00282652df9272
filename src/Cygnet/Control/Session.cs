// One client of the control protocol: its registrations, its transaction, and its packets in order.
using System.Collections.Concurrent;

namespace Cygnet.Control;

/// <summary>
/// Handles the packets of one connection. <paramref name="send"/> queues a segment for the client and never blocks;
/// it is called from any thread. <paramref name="room"/> waits while the client lags behind.
/// </summary>
public sealed class Session(Commands commands, EventHub hub, Action<byte[]> send, Func<Task> room)
{
    readonly ConcurrentDictionary<string, int> _registrations = new(StringComparer.Ordinal);
    volatile bool _closed;

    /// <summary>The transaction between x-begin and x-commit, if one is open.</summary>
    internal Transaction? Transaction { get; set; }

    /// <summary>Set by x-shutdown and run after the response has been queued.</summary>
    internal Action? AfterResponse { get; set; }

    public bool IsClosed => _closed;

    public void Open() => hub.Add(this);

    /// <summary>The connection is gone: registrations are dropped, a transaction is aborted, a running command goes on unheard.</summary>
    public void Close()
    {
        _closed = true;
        Transaction = null;
        _registrations.Clear();
        hub.Remove(this);
    }

    public int Registrations(string name) => _registrations.GetValueOrDefault(name);

    /// <summary>Handles the content of one segment, which stays as it is from now on. The caller waits for the end before it passes the next one.</summary>
    public async Task Receive(ReadOnlyMemory<byte> body)
    {
        if (!ViciPacket.TryParse(body.Span, out var packet))
        {
            // The client of an unreadable request would wait for ever without an answer.
            if (body.IsEmpty) commands.Ignored("empty segment");
            else if (body.Span[0] == (byte)ViciPacketType.CommandRequest) Send(new(ViciPacketType.CommandUnknown));
            else if (body.Span[0] is (byte)ViciPacketType.EventRegister or (byte)ViciPacketType.EventUnregister) Send(new(ViciPacketType.EventUnknown));
            else commands.Ignored($"packet of type {body.Span[0]}");
            return;
        }
        switch (packet.Type)
        {
            case ViciPacketType.CommandRequest:
                await Run(packet with { Body = body }).ConfigureAwait(false);
                break;
            case ViciPacketType.EventRegister:
                Send(new(Register(packet.Name) ? ViciPacketType.EventConfirm : ViciPacketType.EventUnknown));
                break;
            case ViciPacketType.EventUnregister:
                Send(new(Unregister(packet.Name) ? ViciPacketType.EventConfirm : ViciPacketType.EventUnknown));
                break;
            default:
                commands.Ignored($"packet of type {(int)packet.Type}");
                break;
        }
    }

    /// <summary>Sends an event to this client alone, if it registered for it.</summary>
    public void Stream(string name, ViciSection message)
    {
        if (_closed) return;
        for (var times = Registrations(name); times > 0; times--) Send(ViciPacket.Event(name, message));
    }

    /// <summary>The same with a message that has been written already.</summary>
    internal void Stream(string name, ViciWriter message)
    {
        if (_closed || Registrations(name) == 0) return;
        if (ViciPacket.EventSegment(name, message, out var reason) is not { } segment) commands.Ignored($"event {name}: {reason}");
        else
            for (var times = Registrations(name); times > 0; times--) SendSegment(segment);
    }

    /// <summary>A command that streams many events waits here between them, so that it does not outrun its client.</summary>
    internal Task Room() => room();

    internal void SendSegment(byte[] segment)
    {
        if (!_closed) send(segment);
    }

    async Task Run(ViciPacket request)
    {
        var response = await commands.Run(this, request).ConfigureAwait(false);
        Send(response is null ? new(ViciPacketType.CommandUnknown) : ViciPacket.Response(response));
        AfterResponse?.Invoke();
        AfterResponse = null;
    }

    bool Register(string name)
    {
        if (!EventHub.Names.Contains(name)) return false;
        _registrations.AddOrUpdate(name, 1, (_, n) => n + 1);
        hub.Changed();
        return true;
    }

    bool Unregister(string name)
    {
        if (Registrations(name) == 0) return false;
        _registrations.AddOrUpdate(name, 0, (_, n) => n - 1);
        hub.Changed();
        return true;
    }

    void Send(ViciPacket packet)
    {
        var segment = packet.ToSegment(out var reason);
        if (segment is null && packet.Type == ViciPacketType.CommandResponse)
            segment = ViciPacket.Response(Answer.No(reason!)).ToSegment(out _);
        if (segment is null) commands.Ignored($"event {packet.Name}: {reason}");
        else SendSegment(segment);
    }
}
