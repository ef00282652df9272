// What ipsec.conf says once inheritance is resolved. ipsec.conf(5).
namespace Cygnet.Config;

/// <summary>The sections of ipsec.conf in file order and what was wrong with the syntax.</summary>
public sealed class ConfDocument(string path, IReadOnlyList<ConfSection> sections, IReadOnlyList<ConfigError> errors)
{
    readonly Dictionary<(ConfSectionType, string), ConfSection> _byName = sections.ToDictionary(s => (s.Type, s.Name));

    public string Path { get; } = path;

    public IReadOnlyList<ConfSection> Sections { get; } = sections;

    public IReadOnlyList<ConfigError> Errors { get; } = errors;

    /// <summary>Nothing of the file may be used.</summary>
    public bool IsFatal => Errors.Any(e => e.IsFatal);

    public ConfSection? Find(ConfSectionType type, string name) => _byName.GetValueOrDefault((type, name));

    /// <summary>
    /// The section itself, then what it inherits from, nearest first: the last also before the first, %default at the end.
    /// A section that is reached twice counts where it is reached last.
    /// </summary>
    public IReadOnlyList<ConfSection> Lineage(ConfSection section)
    {
        var all = Find(section.Type, "%default");
        // Most have one ancestor at most, or none.
        if (section.Also.Count == 0 && (all is null || all == section || all.Also.Count == 0)) return all is null || all == section ? [section] : [section, all];
        // Depth first with the alsos in written order, each section noted when all its parents are: the reverse of that is the lineage.
        var noted = new List<ConfSection>();
        var seen = new HashSet<ConfSection> { section };
        var stack = new Stack<(ConfSection Section, int Next)>();
        stack.Push((section, 0));
        while (stack.TryPop(out var top))
        {
            if (top.Next >= top.Section.Also.Count)
            {
                noted.Add(top.Section);
                continue;
            }
            stack.Push((top.Section, top.Next + 1));
            var also = top.Section.Also[top.Next].Value;
            if (!StrongSwanConf.IsIgnored(also) && Find(section.Type, also!) is { } parent && seen.Add(parent)) stack.Push((parent, 0));
        }
        noted.Reverse();
        if (all is not null && all != section) noted.AddRange(Lineage(all).Except(noted).ToList());
        return noted;
    }

    /// <summary>
    /// The effective settings with the generation that each comes from (0 is the section itself), in the order in which they take
    /// effect: the section's own by the alphabet, then what each ancestor adds. A setting without a value hides those of the ancestors.
    /// </summary>
    public IReadOnlyList<(ConfSetting Setting, int Generation)> Effective(ConfSection section)
    {
        var lineage = Lineage(section);
        var result = new List<(ConfSetting, int)>(lineage.Sum(s => s.Settings.Count));
        for (var generation = 0; generation < lineage.Count; generation++)
            foreach (var setting in lineage[generation].Ordered)
                if (!IsHidden(setting.Key, generation)) result.Add((setting, generation));
        return result;

        bool IsHidden(string key, int generation)
        {
            for (var nearer = 0; nearer < generation; nearer++)
                if (lineage[nearer].Settings.ContainsKey(key)) return true;
            return false;
        }
    }
}
