// The level of each log group in one logger.
using Cygnet.Ike;

namespace Cygnet.Charon.Logging;

/// <summary>Immutable. Lines up to a group's level are wanted; -1 silences it.</summary>
sealed class LogLevels
{
    static readonly int Groups = Enum.GetValues<LogGroup>().Length;

    readonly int[] _levels;

    public LogLevels(int all)
    {
        _levels = new int[Groups];
        Array.Fill(_levels, all);
    }

    LogLevels(int[] levels) => _levels = levels;

    public int this[LogGroup group] => _levels[(int)group];

    public LogLevels With(LogGroup? group, int level)
    {
        if (group is null) return new(level);
        var levels = (int[])_levels.Clone();
        levels[(int)group] = level;
        return new(levels);
    }

    /// <summary>The higher level of each group.</summary>
    public LogLevels Or(LogLevels other) => new([.. _levels.Zip(other._levels, Math.Max)]);

    /// <summary>The group of a keyword (<c>ike</c>, <c>any</c> gives null); false if there is none. <c>wch</c> is a group of later releases.</summary>
    public static bool TryGroup(string word, out LogGroup? group)
    {
        group = null;
        if (word.Equals("any", StringComparison.OrdinalIgnoreCase)) return true;
        foreach (var g in Enum.GetValues<LogGroup>())
            if (word.Equals(g.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                group = g;
                return true;
            }
        return false;
    }
}
