// Two thousand chains, judged by Cygnet and by openssl verify: where they differ, the table says who is stricter, and why.
namespace Cygnet.PkiTool.Tests.Corpus;

public sealed class CorpusTests
{
    const int Seed = 20300601;

    static List<MadeChain> Make()
    {
        List<MadeChain> made = [];
        var random = new Random(Seed);
        foreach (var (kind, k) in Kind.All.Select((kind, k) => (kind, k)))
            foreach (var (family, f) in KeyPool.Families.Select((family, f) => (family, f)))
                for (var intermediates = kind.Least; intermediates < kind.Least + 2; intermediates++)
                {
                    // three of four: enough to meet each kind of key and each length, and a third less to wait for
                    if ((k + f + intermediates) % 4 == 0) continue;
                    var draft = new ChainDraft(family, intermediates, random);
                    kind.Change(draft, random);
                    var ders = draft.Make();
                    made.Add(new(kind, $"{kind.Name} ({family}, {intermediates} between)", ders[0], [.. draft.Extra, .. ders.Skip(1).SkipLast(1)], draft.Roots ?? [ders[^1]]));
                }
        return made;
    }

    [Fact]
    public void Cygnet_and_openssl_agree_or_it_is_known_why_not()
    {
        var chains = Make();
        Assert.InRange(chains.Count, 2000, 4000);
        using var desk = new Desk();
        var theirs = Judges.OpenSsl(desk, chains);
        List<string> wrong = [];
        HashSet<string> seen = [];
        foreach (var (chain, their) in chains.Zip(theirs))
        {
            var our = Judges.Cygnet(chain);
            if (our.IsAccepted != chain.Kind.IsAccepted) wrong.Add($"{chain.Name}: Cygnet {(our.IsAccepted ? "accepts it" : $"refuses it: {our.Reason}")}");
            if (our.IsAccepted == their.IsAccepted) continue;
            if (!Disagreements.Known.TryGetValue(chain.Kind.Name, out var known)) wrong.Add($"{chain.Name}: Cygnet {(our.IsAccepted ? "accepts" : $"refuses ({our.Reason})")}, openssl does not; it says: {their.Reason}");
            else if (known.Stricter == (our.IsAccepted ? "Cygnet" : "openssl")) wrong.Add($"{chain.Name}: it is not {known.Stricter} that is stricter");
            else seen.Add(chain.Kind.Name);
        }
        wrong.AddRange(Disagreements.Known.Keys.Except(seen).Select(k => $"{k}: there is no disagreement any more, the table still has it"));
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {chains.Count}:\n{string.Join('\n', wrong.Take(1000))}");
    }
}
