// Sending: the queue of exchanges, requests with their retransmission, responses. RFC 7296 2.1, 2.2, 2.4; RFC 7383.
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike;

sealed partial class IkeSa
{
    LinkedList<Exchange>? _queue; // null while nothing waits

    /// <summary>Begins the exchange as soon as those before it are answered.</summary>
    public void Enqueue(Exchange exchange)
    {
        EnqueueLater(exchange);
        Pump();
    }

    /// <summary>Begins the exchange once the SA is established.</summary>
    public void EnqueueLater(Exchange exchange) => (_queue ??= new()).AddLast(exchange);

    /// <summary>The exchange that must come next, before all that waits.</summary>
    public void EnqueueFirst(Exchange exchange) => (_queue ??= new()).AddFirst(exchange);

    /// <summary>Whether an exchange is waiting or unanswered.</summary>
    public bool HasTask<T>(Func<T, bool> which) where T : Exchange => Sending.Pending is T p && which(p) || _queue is not null && _queue.Any(e => e is T t && which(t));

    /// <summary>Begins the next exchange if none is unanswered.</summary>
    public void Pump()
    {
        while (IsAlive && Sending.Pending is null && _queue?.First is { } first)
        {
            _queue.RemoveFirst();
            if (_queue.Count == 0) _queue = null;
            Sending.Pending = first.Value;
            first.Value.Begin();
        }
    }

    /// <summary>The exchange is over; the next may begin.</summary>
    public void Complete(Exchange exchange)
    {
        if (Sending.Pending != exchange) return;
        Sending.Pending = null;
        Sending.Datagrams = null;
        Timers.Cancel(_retransmit);
        if (IsSearching && _queue is null) EnqueueFirst(new Exchanges.Mobike(this, Exchanges.MobikeKind.Probe));
        Pump();
    }

    /// <summary>Takes everything out of the queue; each is told that it will not be.</summary>
    public void AbandonQueue(string reason)
    {
        foreach (var exchange in TakeQueue()) exchange.Abandon(reason);
    }

    /// <summary>Hands the waiting exchanges to a successor IKE_SA. RFC 7296 2.18.</summary>
    public Exchange[] TakeQueue()
    {
        var waiting = _queue?.ToArray() ?? [];
        _queue = null;
        return waiting;
    }

    /// <summary>Sends the request of the pending exchange and repeats it until it is answered.</summary>
    public void Request(Exchange exchange, IReadOnlyList<Payload> payloads)
    {
        if (Sending.Pending != exchange || !IsAlive) return;
        var flags = IsInitiator ? HeaderFlags.Initiator : 0;
        var datagrams = Encode(new(InitiatorSpi, ResponderSpi, PayloadType.None, IkeHeader.Version2, exchange.Type, flags, Sending.Next, 0), payloads);
        Sending.Next++;
        Sending.Datagrams = datagrams;
        Sending.Retransmitted = 0;
        Sending.IsRepetitionKnown = false;
        Sending.Fragments = null;
        TransmitRequest();
        ArmRetransmit();
    }

    /// <summary>Sends the response that the peer's expected request gets, and keeps it for repetition.</summary>
    public void Respond(Exchange exchange, IReadOnlyList<Payload> payloads)
    {
        if (!IsAlive) return;
        var flags = HeaderFlags.Response | (IsInitiator ? HeaderFlags.Initiator : 0);
        var datagrams = Encode(new(InitiatorSpi, ResponderSpi, PayloadType.None, IkeHeader.Version2, exchange.Type, flags, Receiving.Expected, 0), payloads);
        Receiving.Response = datagrams;
        Receiving.Expected++;
        Receiving.InProgress = null;
        Receiving.Fragments = null;
        Receiving.ForgetOldKeys();
        Transmit(datagrams, exchange.Path?.Local ?? Local, exchange.Path?.Remote ?? Remote);
        exchange.AfterResponse();
    }

    /// <summary>Repeats the stored response. RFC 7296 2.1.</summary>
    void RepeatResponse(uint messageId, Endpoint local, Endpoint remote)
    {
        Log(LogGroup.Ike, 1, $"received retransmit of request with ID {messageId}, retransmitting response");
        Alert(AlertType.RetransmitReceive);
        Transmit(Receiving.Response!, local, remote);
    }

    /// <summary>Below this the number of fragments would grow past what peers take, charon.fragment_size or not.</summary>
    const int LeastFragment = 200;

    byte[][] Encode(IkeHeader header, IReadOnlyList<Payload> payloads)
    {
        Log(LogGroup.Enc, 1, $"generating {Notation.Describe(header, payloads)}");
        // A message counts once, in however many fragments it leaves and however often it is repeated.
        Engine.Counters.AddMessage(header.Exchange, incoming: false, header.IsResponse, Connection?.Name);
        if (header.Exchange is ExchangeType.IkeSaInit or ExchangeType.IkeSessionResume)
        {
            var plain = Message.EncodePlain(header, payloads);
            if (Handshake is { } h) // both ends sign what they sent, RFC 7296 2.15
            {
                if (header.Flags.HasFlag(HeaderFlags.Response)) h.InitResponse = plain;
                else h.InitRequest = plain;
            }
            return [plain];
        }
        if (header.Exchange == ExchangeType.IkeIntermediate) Handshake!.Intermediate.Add(IsInitiator, Prf!, Keys!, Message.Covered(header, payloads));
        var size = Engine.Settings.FragmentSize is > 0 and var configured ? configured : Remote.Address.IsIPv6 ? 1280 : 576;
        var most = Math.Max(size, LeastFragment) - (Remote.Address.IsIPv6 ? 40 : 20) - 8 - (Local.Port == 500 ? 0 : 4);
        if (!PeerFragments || Provisional is { Fragmentation: FragmentationPolicy.No or FragmentationPolicy.Accept }) most = int.MaxValue;
        var datagrams = Message.EncodeFragments(header, payloads, Outgoing!, Engine.Host.Random, most, out var whole);
        if (datagrams.Count > 1)
        {
            Log(LogGroup.Enc, 1, $"splitting IKE message ({whole} bytes) into {datagrams.Count} fragments");
            for (var i = 1; i <= datagrams.Count; i++) Log(LogGroup.Enc, 1, $"generating {Notation.DescribeFragment(header, i, datagrams.Count)}");
        }
        return [.. datagrams];
    }

    /// <summary>The pending request goes to the peer; over every path while we look for one that works.</summary>
    void TransmitRequest()
    {
        if (!IsSearching && !IsWidened)
        {
            Transmit(Sending.Datagrams!, Local, Remote);
            return;
        }
        var paths = Paths(all: Sending.Retransmitted > 0);
        if (paths.Count == 0)
        {
            Log(LogGroup.Ike, 1, $"no route found to reach peer, path probing deferred");
            IsStale = true;
        }
        foreach (var path in paths)
        {
            if (IsSearching) Log(LogGroup.Ike, 1, $"checking path {path.Local} - {path.Remote}");
            Transmit(Sending.Datagrams!, path.Local, path.Remote);
        }
    }

    void Transmit(byte[][] datagrams, Endpoint local, Endpoint remote)
    {
        foreach (var datagram in datagrams)
        {
            Log(LogGroup.Net, 1, $"sending packet: from {local} to {remote} ({datagram.Length} bytes)");
            Engine.Host.Send(local, remote, datagram, Provisional?.Dscp ?? 0);
        }
        LastOutbound = Engine.Now;
    }

    void ArmRetransmit()
    {
        if (IsSearching)
        {
            Engine.Timers.Set(_retransmit, Engine.Now + ProbeInterval);
            return;
        }
        var s = Engine.Settings;
        var seconds = s.RetransmitTimeout * Math.Pow(s.RetransmitBase, Sending.Retransmitted);
        if (s.RetransmitLimit > 0) seconds = Math.Min(seconds, s.RetransmitLimit);
        if (s.RetransmitJitter > 0) seconds -= seconds * Engine.RandomBelow((uint)s.RetransmitJitter * 1000 + 1) / 100_000.0;
        Engine.Timers.Set(_retransmit, Engine.Now + TimeSpan.FromSeconds(seconds));
    }

    void OnRetransmit()
    {
        if (Sending.Datagrams is null || Sending.Pending is not { } exchange) return;
        if (StillWaitsForPath())
        {
            Engine.Timers.Set(_retransmit, Engine.Now + ProbeInterval);
            return;
        }
        if (Sending.Retransmitted >= (IsSearching ? MostProbes : exchange is Exchanges.SessionResume ? Math.Min(ResumeTries, Engine.Settings.RetransmitTries) : Engine.Settings.RetransmitTries))
        {
            Log(LogGroup.Ike, 1, $"giving up after {Sending.Retransmitted} {(IsSearching ? "path probings" : "retransmits")}");
            OnPeerDead(exchange);
            return;
        }
        Sending.Retransmitted++;
        if (IsSearching) Log(LogGroup.Ike, 1, $"path probing attempt {Sending.Retransmitted}");
        else
        {
            Log(LogGroup.Ike, 1, $"retransmit {Sending.Retransmitted} of request with message ID {Sending.Next - 1}");
            Alert(AlertType.RetransmitSend);
            Sending.IsRepetitionKnown = true;
        }
        TransmitRequest();
        ArmRetransmit();
    }

    /// <summary>A gateway that does not answer a ticket may answer a stranger.</summary>
    const int ResumeTries = 2;

    /// <summary>No answer to any repetition. RFC 7296 2.4.</summary>
    void OnPeerDead(Exchange exchange)
    {
        if (exchange is Exchanges.SessionResume)
        {
            Log(LogGroup.Ike, 1, $"the peer does not answer to a ticket, authenticating anew");
            Restart(exchange);
            return;
        }
        Alert(AlertType.RetransmitSendTimeout);
        if (Phase != Phase.Deleting)
            Refused(RefusalKind.Silence, RefusedBy.Nobody, $"no answer from {Remote} to {exchange.Task} after {Sending.Retransmitted} retransmits",
                Phase == Phase.Init ? "is the peer's daemon up, is 'right=' its address, do UDP ports 500 and 4500 pass both ways?" : "do UDP port 4500 and fragments pass both ways?");
        switch (Phase)
        {
            case Phase.Init or Phase.Intermediate or Phase.Keyed when IsInitiator:
                Alert(AlertType.PeerInitUnreachable);
                var tries = Connection!.KeyingTries;
                if (tries == 0 || Tries < tries)
                {
                    Tries++;
                    Log(LogGroup.Ike, 1, $"peer not responding, trying again ({Tries}/{tries})");
                    ReturnToOrigin();
                    Restart(exchange, isSilent: true);
                    return;
                }
                Log(LogGroup.Ike, 1, $"establishing IKE_SA failed, peer not responding");
                break;
            case Phase.Deleting:
                Log(LogGroup.Ike, 1, $"proper IKE_SA delete failed, peer not responding");
                if (exchange is Exchanges.DeleteIke { Afterwards: not null }) Log(LogGroup.Ike, 1, $"delete during reauthentication failed, trying to reestablish IKE_SA anyway");
                Destroy((exchange as Exchanges.DeleteIke)?.Reason);
                return;
            case Phase.Rekeying:
                Log(LogGroup.Ike, 1, $"rekeying IKE_SA failed, peer not responding");
                break;
            default:
                Log(LogGroup.Ike, 1, $"peer {Remote} of IKE_SA {this} is dead, closing it");
                break;
        }
        var wishes = Phase is Phase.Init or Phase.Keyed || IsReplaced ? [] : Reestablishment(c => c.DpdAction);
        Destroy("peer not responding");
        Forward(wishes);
    }

    /// <summary>Begins the first exchange.</summary>
    public void Begin(Path path, ChildWish? child)
    {
        SetRemote(path.Remote);
        SetLocal(path.Local);
        var ticket = MayResume ? Engine.Host.Shared.Tickets.Take(Connection!, Engine.Now) : null;
        MayResume = false; // once: what follows a failure is the long way
        EnqueueFirst(ticket is null ? new Exchanges.IkeSaInit(this, child) : new Exchanges.SessionResume(this, child, ticket)); // before further children that wait already
        Pump();
    }

    /// <summary>Begins anew with fresh SPIs and nonces, keeping what is to be brought up; a silent peer may have moved, if it has a name.</summary>
    public void Restart(Exchange failed, bool isSilent = false)
    {
        var wish = failed switch
        {
            Exchanges.IkeAuth auth => auth.TakeWish(),
            Exchanges.SessionResume resume => resume.Child,
            Exchanges.IkeIntermediate intermediate => intermediate.Child,
            _ => (failed as Exchanges.IkeSaInit)?.Child,
        };
        Sending.Pending = null;
        Sending.Datagrams = null;
        Sending.Next = 0;
        Engine.Rename(this);
        Handshake?.Dispose();
        Handshake = new();
        Outgoing?.Dispose();
        Incoming?.Dispose();
        (Outgoing, Incoming, Keys) = (null, null, null);
        Phase = Phase.Init;
        if (isSilent && PeerConfigs.InitiatableRemote(Connection!) is { } name && !Address.TryParse(name, out _)) Engine.Locate(this, wish, new(Local, Remote));
        else Begin(new(Local, Remote), wish);
    }
}
