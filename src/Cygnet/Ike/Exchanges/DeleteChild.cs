// INFORMATIONAL, deleting CHILD_SAs. RFC 7296 1.4.1; a pair of SAs is named by the SPI on which the sender receives.
//   SK {D(ESP or AH, SPIs)}  -->
//                         <--  SK {[D(ESP or AH, SPIs)]}
using Cygnet.Crypto;
using Cygnet.Esp;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed class DeleteChild(IkeSa ike, ChildSa? child) : Exchange(ike)
{
    readonly List<Wish> _afterwards = [];
    bool _wasRekeyed;

    public override string Task => "CHILD_DELETE";
    public override ExchangeType Type => ExchangeType.Informational;

    public IWatcher? Watcher { get; init; }

    /// <summary>The peer has it, we could not install it.</summary>
    public bool IsUnborn { get; init; }

    /// <summary>Its hard limit is reached: what it is for is wanted still.</summary>
    public bool IsExpired { get; init; }

    public override void Begin()
    {
        if (!IsUnborn && (!Ike.Children.Contains(child!) || child!.State == ChildState.Deleted))
        {
            Ike.Report(Watcher, null); // gone meanwhile
            Ike.Complete(this);
            return;
        }
        _wasRekeyed = child!.State is ChildState.Rekeyed;
        child.State = ChildState.Deleting;
        LogClosing(child);
        Ike.Log(LogGroup.Ike, 1, $"sending DELETE for {ProposalText.Word(child.Protocol)} CHILD_SA with SPI {child.SpiIn:x8}");
        Ike.Request(this, [new DeletePayload(child.Protocol, [child.SpiIn])]);
        if (!IsExpired || _wasRekeyed) return;
        Ike.Log(LogGroup.Ike, 1, $"scheduling CHILD_SA recreate after hard expire");
        var wish = new ChildWish(child.Config, null);
        // Both ends may have the same limit: whoever initiated it goes first, the other finds it there already, or does it then.
        if (child.WeInitiated) Ike.Enqueue(new CreateChild(Ike, wish));
        else Ike.Later(Collisions.RetryDelay(Ike), () => Ike.Current.Enqueue(new CreateChild(Ike.Current, wish)));
    }

    public override void OnResponse(Message response)
    {
        foreach (var (protocol, spi) in Named(response)) Ike.Log(LogGroup.Ike, 1, $"received DELETE for {ProposalText.Word(protocol)} CHILD_SA with SPI {spi:x8}");
        Close(child!, _wasRekeyed, byPeer: false);
        Ike.Report(Watcher, null);
        Ike.Complete(this);
    }

    public override void OnRequest(Message request)
    {
        List<(SecurityProtocol Protocol, uint Spi)> answer = [];
        foreach (var (protocol, spi) in Named(request))
        {
            Ike.Log(LogGroup.Ike, 1, $"received DELETE for {ProposalText.Word(protocol)} CHILD_SA with SPI {spi:x8}");
            if (Ike.Children.FirstOrDefault(c => c.SpiOut == spi && c.Protocol == protocol && c.State is not (ChildState.Created or ChildState.Deleted)) is not { } named)
            {
                if (Ike.Sending.Pending is ChildExchange making) making.NoteDeleted(spi); // its creation may be answered, and the answer late
                Ike.Log(LogGroup.Ike, 1, $"CHILD_SA not found, ignored");
                continue;
            }
            var rekeyed = named.Replacement is not null || named.State is ChildState.Rekeyed;
            // RFC 7296 1.4.1: when both delete at once, each leaves out what it has asked to delete itself
            if (named.State != ChildState.Deleting)
            {
                answer.Add((protocol, named.SpiIn));
                LogClosing(named);
                Ike.Log(LogGroup.Ike, 1, $"sending DELETE for {ProposalText.Word(protocol)} CHILD_SA with SPI {named.SpiIn:x8}");
                if (!rekeyed) _afterwards.AddRange(Ike.AfterClose(named));
            }
            Close(named, rekeyed, byPeer: true);
        }
        Ike.Respond(this, [.. answer.GroupBy(a => a.Protocol, (protocol, spis) => new DeletePayload(protocol, [.. spis.Select(s => s.Spi)]))]);
    }

    static IEnumerable<(SecurityProtocol Protocol, uint Spi)> Named(Message message) =>
        message.All<DeletePayload>().Where(d => d.Protocol is SecurityProtocol.Esp or SecurityProtocol.Ah).SelectMany(d => d.Spis, (d, spi) => (d.Protocol, spi));

    public override void AfterResponse() => Ike.Forward(_afterwards);

    /// <summary>A rekeyed SA goes on receiving for a moment what is still on its way; any other is gone at once.</summary>
    void Close(ChildSa closed, bool rekeyed, bool byPeer)
    {
        if (rekeyed)
        {
            closed.Replacement?.InstallWaitingOutbound();
            Ike.Log(LogGroup.Ike, 1, $"CHILD_SA closed");
            closed.Retire(Ike.Engine.Settings.DeleteRekeyedDelay);
            return;
        }
        if (closed.State is ChildState.Destroying or ChildState.Deleted) return;
        Ike.Log(LogGroup.Ike, 1, $"CHILD_SA closed");
        closed.Report(byPeer ? "the peer deleted the CHILD_SA" : null);
        closed.State = ChildState.Deleted; // as the event tells it
        closed.Remove();
    }

    void LogClosing(ChildSa closing)
    {
        var (received, sent) = (closing.Counters(SaDirection.Inbound), closing.Counters(SaDirection.Outbound));
        Ike.Log(LogGroup.Ike, 0, $"closing CHILD_SA {closing} with SPIs {closing.SpiIn:x8}_i ({received.Bytes} bytes) {closing.SpiOut:x8}_o ({sent.Bytes} bytes) and TS {string.Join(' ', closing.LocalTs)} === {string.Join(' ', closing.RemoteTs)}");
    }

    public override void Abandon(string? reason) => Ike.Report(Watcher, null);

    public override Exchange? For(IkeSa successor) => new DeleteChild(successor, child) { Watcher = Watcher };
}
