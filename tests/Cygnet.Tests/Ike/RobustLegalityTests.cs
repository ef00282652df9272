// Which request is legal in which state for which role: the whole table, written again by hand, and the answers that follow from it.
using Cygnet.Ike;
using Cygnet.Wire;

namespace Cygnet.Tests.Ike;

public sealed class RobustLegalityTests
{
    // a: accept, .: drop, t: TEMPORARY_FAILURE, n: NO_ADDITIONAL_SAS, s: STATE_NOT_FOUND.
    // The phases in order: Init Intermediate Keyed Established Rekeying Rekeyed Deleting Ghost Dead; first from the original initiator, then from the responder.
    static readonly Dictionary<ExchangeType, (string Initiator, string Responder)> _expected = new()
    {
        [ExchangeType.IkeSaInit] = (".........", "........."),     // answered before there is an SA
        [ExchangeType.IkeIntermediate] = (".a.......", "........."), // RFC 9242 3.1: only if negotiated, before IKE_AUTH
        [ExchangeType.IkeAuth] = ("..a......", "........."),       // RFC 7296 1.2, 2.16: the initiator begins
        [ExchangeType.CreateChildSa] = ("...aant..", "...aant.."), // RFC 7296 2.25
        [ExchangeType.IkeFollowupKe] = ("...aast..", "...aast.."), // RFC 9370 2.2.4
        [ExchangeType.Informational] = ("..aaaaa..", "...aaaa.."), // RFC 7296 1.4; before that only AUTHENTICATION_FAILED, 2.21.2
        [ExchangeType.IkeSessionResume] = (".........", "........."), // RFC 5723 4.3: answered before there is an SA
    };

    [Fact]
    public void Every_exchange_in_every_phase_from_both_roles()
    {
        Assert.Equal(["Init", "Intermediate", "Keyed", "Established", "Rekeying", "Rekeyed", "Deleting", "Ghost", "Dead"], Enum.GetNames<Phase>());
        for (var exchange = 0; exchange < 256; exchange++)
            foreach (var phase in Enum.GetValues<Phase>())
                foreach (var fromInitiator in (bool[])[true, false])
                {
                    var row = _expected.GetValueOrDefault((ExchangeType)exchange, (".........", "........."));
                    var expected = (fromInitiator ? row.Item1 : row.Item2)[(int)phase] switch
                    {
                        'a' => Verdict.Accept,
                        't' => Verdict.TemporaryFailure,
                        'n' => Verdict.NoAdditionalSas,
                        's' => Verdict.StateNotFound,
                        _ => Verdict.Drop,
                    };
                    Assert.True(Legality.Judge((ExchangeType)exchange, phase, fromInitiator) == expected, $"exchange {exchange} in {phase}, from the initiator: {fromInitiator}: not {expected}");
                }
    }

    /// <summary>At the door itself: what is dropped gets no answer and moves no window; the rest gets exactly one.</summary>
    [Fact]
    public void What_the_table_drops_is_not_answered()
    {
        var seen = new HashSet<Phase>();
        var (plain, multiple) = (new RobustScene(3), new RobustScene(3, multiple: true));
        foreach (var s in Situation.All().Where(s => !s.IsUnprotected && !s.IsResponse && (s.IsMultiple || s.Peer is Deed.None or Deed.Liveness)))
        {
            var scene = s.IsMultiple ? multiple : plain;
            for (var exchange = 0; exchange < 256; exchange++)
            {
                if (exchange == (int)ExchangeType.IkeSaInit) continue;
                if (exchange is 0 or (>= 34 and < 46)) scene.Enter(s);
                var (sa, before, answers) = (scene.Target!, scene.Picture(), scene.Answers);
                seen.Add(sa.Phase);
                var verdict = Legality.Judge((ExchangeType)exchange, sa.Phase, !sa.IsInitiator);
                var header = scene.NextHeader(s);
                header[18] = (byte)exchange;
                scene.Deliver(RobustMutants.Protect(scene.Seal!, header, new(0, [])));
                if (verdict == Verdict.Drop)
                {
                    Assert.Equal((before, answers), (scene.Picture(), scene.Answers));
                    continue;
                }
                scene.Work();
                Assert.Equal((before.Expected + 1, answers + 1), (sa.Receiving.Expected, scene.Answers));
            }
        }
        Assert.Equal([Phase.Intermediate, Phase.Keyed, Phase.Established, Phase.Rekeying, Phase.Rekeyed, Phase.Deleting, Phase.Ghost], seen.Order());
    }
}
