namespace Tributary.Collector.Tailing;

/// <summary>
/// Looks at each source that is not idle, and of the idle ones at a part, so that each of them has its turn once in so many
/// calls: ten thousand idle files would else cost a tenth of a core. A change of an idle one is seen later, and then it is
/// idle no more.
/// </summary>
/// <param name="interval">Between two calls.</param>
/// <param name="idleInterval">Between two looks at an idle source.</param>
internal sealed class QuietTurns(TimeSpan interval, TimeSpan idleInterval)
{
    private readonly int _turns = (int)Math.Max(1, idleInterval / interval);
    private int _turn;

    public void ForEach(List<FollowedSource> sources, Action<FollowedSource> look)
    {
        _turn = (_turn + 1) % _turns;
        for (var i = 0; i < sources.Count; i++)
        {
            if (!sources[i].IsIdle || i % _turns == _turn)
            {
                look(sources[i]);
            }
        }
    }
}
