// The engine's door in every situation of an IKE_SA: raw datagrams, and payloads sealed with the keys of the SA.
using Cygnet.Tests.Ike;

namespace Cygnet.Fuzz;

static class IkeDoor
{
    /// <summary>An input is: number of the situation, 0 for a raw datagram or 1 for payloads to seal, then the datagram, or the first payload's type and the payloads.</summary>
    public static Target Target()
    {
        Situation[] situations = [.. Situation.All()];
        var scenes = new RobustScene?[situations.Length];
        List<byte[]> corpus = [];
        for (var i = 0; i < situations.Length; i++)
        {
            var scene = Scene(i);
            corpus.Add([(byte)i, 0, .. scene.Datagram]);
            if (!situations[i].IsInit) corpus.Add([(byte)i, 1, scene.Genuine.First, .. scene.Genuine.Bytes]);
        }
        return new("ike", corpus, [[0, 0, 0, 4], [41, 0, 0, 8, 3, 4, 0x40, 9], [42, 0, 0, 8, 1, 0, 0, 0], [33, 0], [0x80, 14], [46, 0, 0, 4], [53, 0, 0, 8, 0, 1, 0, 2]], Run);

        RobustScene Scene(int i)
        {
            if (scenes[i] is { } known) return known;
            var scene = scenes[i] = new RobustScene((ulong)i + 1);
            scene.Enter(situations[i]);
            return scene;
        }

        string Run(byte[] input)
        {
            if (input.Length < 3) return "short";
            var number = input[0] % situations.Length;
            var (s, scene) = (situations[number], Scene(number));
            var (mark, answers, faults) = (scene.Mark(), scene.Answers, scene.Victim.Faults);
            var isSealed = (input[1] & 1) != 0 && !s.IsInit;
            if (isSealed) scene.Deliver(RobustMutants.Protect(scene.Seal!, scene.NextHeader(s), new(input[2], input[3..])));
            else scene.Deliver(input[2..]);
            var line = scene.Victim.LogLines.LastOrDefault() ?? "";
            scene.Work();
            if (scene.Victim.Faults != faults)
            {
                var fault = scene.Victim.LogLines.Last(l => l.Contains("internal fault", StringComparison.Ordinal));
                scenes[number] = null;
                throw new Fault(fault[(fault.IndexOf("]: ", StringComparison.Ordinal) + 3)..]);
            }
            var outcome = $"{(char)(number + 0x4e00)} {isSealed} {scene.Answers != answers} {line[(line.IndexOf('>') + 1)..]}";
            if (scene.Mark() != mark || scene.Victim.Engine.HalfOpenCount > 2) scene.Enter(s);
            scene.Forget();
            return outcome;
        }
    }
}
